import { existsSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { beforeAll, expect, inject, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { type Started, startProcess, useUserProject } from '../support/user-project.ts'

const { stateDirectory } = useCleanState()
const project = useUserProject(`
import { defineConfig } from 'test-services'
import { postgres } from 'test-services/fixtures/postgres'
export default defineConfig({
  services: { db: postgres() },
  profiles: { development: { db: { dataDirectory: '.data/db' } } },
})
`)

beforeAll(() => {
  const recipe = `@LP_CONFIG=development exec '${process.execPath}' '${inject('installedCommand')}' --format json`
  project.write('Makefile', `run:\n\t${recipe}\n`)
})

interface MakeRun {
  readonly url: string
  /** As the terminal does it: the signal goes to make and to the command. */
  interrupt(): Promise<string>
}

async function makeRun(): Promise<MakeRun> {
  const make: Started = startProcess(['make', 'run'], { cwd: project.directory, detached: true })
  await make.said('everything is ready')
  const env = await project.run(['env', '--format', 'json'])
  return {
    url: (JSON.parse(env.stdout) as Record<string, string>).LP_DB_URL ?? '',
    interrupt: async () => {
      process.kill(-make.pid, 'SIGINT')
      return (await make.ended).stderr
    },
  }
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query({ text, rowMode: 'array' })).rows.flat()
  } finally {
    await client.end()
  }
}

test('make run holds the configured instance until SIGINT, and keeps its data for the next time', async () => {
  const first = await makeRun()
  await query(first.url, "CREATE TABLE note AS SELECT 'kept' AS text")
  const said = await first.interrupt()
  expect(said).toContain('db is stopped')
  expect(said).not.toMatch(/^ +at /m)
  await expectNothingLeft(stateDirectory)
  expect(existsSync(join(project.directory, '.data/db'))).toBe(true)

  const second = await makeRun()
  expect(await query(second.url, 'SELECT text FROM note')).toEqual(['kept'])
  await second.interrupt()
  await expectNothingLeft(stateDirectory)
})
