import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const tsc = join(root, 'node_modules/.bin/tsc')
/** What `npm install test-services` brings, and what a user of it has: not `@types/pg`. */
const installed = ['valibot', 'vitest', 'vite', '@types/node', 'undici-types']

let project: string

beforeAll(async () => {
  project = await mkdtemp(join(await realpath(tmpdir()), 'ts-types-'))
  const modules = join(project, 'node_modules')
  const types = join(modules, 'test-services/dist/types')
  await promisify(execFile)(tsc, ['--project', join(root, 'build/tsconfig.types.json'), '--outDir', types])
  await copyFile(join(root, 'package.json'), join(modules, 'test-services/package.json'))
  for (const name of installed) {
    await mkdir(dirname(join(modules, name)), { recursive: true })
    await symlink(join(root, 'node_modules', name), join(modules, name))
  }
  await writeFile(join(project, 'package.json'), '{"type":"module"}')
  await writeFile(join(project, 'config.ts'), config)
})
afterAll(() => rm(project, { recursive: true, force: true }))

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
  const options = ['--noEmit', '--strict', '--target', 'es2022', '--types', 'node', '--skipLibCheck', 'false']
  const compiled = promisify(execFile)(
    tsc,
    [...options, '--module', module, '--moduleResolution', resolution, 'config.ts'],
    { cwd: project },
  )
  const { stdout } = await compiled.catch((error: { stdout: string }) => error)
  // Not the mistakes of others.
  expect(stdout.split('\n').filter((line) => /^(config|node_modules.test-services)/.test(line))).toEqual([])
})
