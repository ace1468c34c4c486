import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTypedProject, type TypedProject } from './support/typed-project.ts'

/** What `npm install test-services` brings, and what a user of it has: not `@types/pg`. */
const installed = ['valibot', 'vitest', 'vite', '@types/node', 'undici-types']

let project: TypedProject

beforeAll(async () => {
  project = await createTypedProject(installed)
  await project.write('config.ts', config)
})
afterAll(() => project[Symbol.asyncDispose]())

const config = `
import { command, defineConfig, script } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'
import { type PostgresConfig, postgres } from 'test-services/fixtures/postgres'
import { testServices } from 'test-services/vitest'

export const config = defineConfig({
  services: {
    db: postgres({ openConnections: 'refuse' }),
    files: librarian(),
    api: command({ command: ['api'], needs: ['db'], environment: ({ db }) => ({ DATABASE_URL: db.url, LEVEL: 3 }) }),
    worker: command({
      command: ['worker'],
      needs: ['db'],
      environment: ({ db }: { db: PostgresConfig }) => ({ PGPORT: db.port }),
    }),
    other: script({ onEnter: { command: ['other'] } }),
  },
  environment: ({ db }) => ({ PGDATABASE: db.database }),
})
export const plugin = testServices({ config })
`

test.each([
  ['nodenext', 'nodenext'],
  ['bundler', 'esnext'],
])('the types of the package compile without skipLibCheck and @types/pg, under %s', async (resolution, module) => {
  const options = ['--strict', '--target', 'es2022', '--types', 'node', '--skipLibCheck', 'false']
  const argv = [...options, '--module', module, '--moduleResolution', resolution, 'config.ts']
  // Not the mistakes of others.
  expect(await project.compile(argv, 'config', 'node_modules/test-services')).toEqual([])
})
