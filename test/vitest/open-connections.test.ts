import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

const configWith = (options: string) => `
import { defineConfig } from 'test-services'
import { postgres } from 'test-services/fixtures/postgres'
export default defineConfig({ services: { db: postgres(${options}) } })`

test.each(['forks', 'threads', 'vmThreads'])(
  'a pool that handles no errors is told what to do when a reset ends its connections, without the password (%s)',
  async (pool) => {
    const project = await createProject({
      'test-services.config.ts': configWith(''),
      'a.test.ts': `
import pg from 'pg'
import { tell, test } from './support.ts'
test('leaves a pool', async ({ db }) => {
  tell({ password: db.serviceConfig.password })
  await new pg.Pool({ connectionString: db.serviceConfig.url }).query('SELECT 1')
})
test('is reset', ({ db }) => {})`,
    })
    const { exitCode, output } = await project.run(['run', '--pool', pool])
    expect(output).toMatch(
      /^(e|E)rror: terminating connection due to administrator command\nthe reset before a test .* end the pool in afterEach$/m,
    )
    const [told] = project.told()
    expect(told?.password).toMatch(/^\w{20,}$/)
    expect(output).not.toContain(told?.password)
    expect(exitCode).toBe(1)
    await expectNothingLeft(stateDirectory)
  },
)
