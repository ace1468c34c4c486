import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

const oneWorker = ['run', 'd.test.ts', 'e.test.ts', '--maxWorkers', '1']

test('the test in whose time an api died fails, used or not, and the next one has a new api', async () => {
  const project = await createProject(
    {
      'd.test.ts': `
import { expect, test as plain } from 'vitest'
import { test } from './support.ts'
const crash = (url) => fetch(url + '/crash').catch(() => {})
test('crashes it', async ({ api }) => { await crash(api.serviceConfig.url) })
test('has a new one', async ({ api }) => { expect((await fetch(api.serviceConfig.url)).status).toBe(200) })
plain('crashes it without a fixture', async () => { await crash(process.env.LP_API_URL) })
plain('does not use it', () => {})`,
      'e.test.ts': `
import { expect } from 'vitest'
import { test } from './support.ts'
test('has a new one too', async ({ api }) => { expect((await fetch(api.serviceConfig.url)).status).toBe(200) })`,
    },
    'headline',
  )
  const { exitCode, output } = await project.run(oneWorker)
  expect(output).toContain('2 failed | 3 passed')
  for (const title of ['crashes it', 'crashes it without a fixture'])
    expect(output).toContain(`FAIL  d.test.ts > ${title}\n`)
  expect(output).toContain('ServiceError: API died: it ended with exit status 3 after it was ready')
  expect(exitCode).toBe(1)
  await expectNothingLeft(stateDirectory)
})

test('the test in whose time the server of a run died fails, and those that use it after that', async () => {
  const project = await createProject({
    'd.test.ts': `
import { expect, test as plain } from 'vitest'
import { readFileSync } from 'node:fs'
import { test } from './support.ts'
plain('kills it', () => { process.kill(Number(readFileSync(process.env.LP_LIBRARY_PIDFILE, 'utf8')), 'SIGKILL') })
plain('does not use it', () => {})
test('uses it', ({ library }) => {})`,
    'e.test.ts': `
import { test } from './support.ts'
test('uses it too', ({ library }) => {})`,
  })
  const { exitCode, output } = await project.run(oneWorker)
  expect(output).toContain('3 failed | 1 passed')
  expect(output).toContain('FAIL  d.test.ts > kills it\n')
  expect(output.match(/ServiceError: LIBRARY died: it ended with signal SIGKILL after it was ready/g)).not.toBeNull()
  expect(output).toMatch(/whole log: .*\/logs\/.*\.log/)
  expect(exitCode).toBe(1)
  await expectNothingLeft(stateDirectory)
})

test('a run in which a service died that no test can be blamed for is no green run', async () => {
  const project = await createProject(
    {
      'd.test.ts': `
import { afterAll } from 'vitest'
import { test } from './support.ts'
test('uses it', ({ api }) => {})
afterAll(async () => { await fetch(process.env.LP_API_URL + '/crash').catch(() => {}) })`,
    },
    'headline',
  )
  const { exitCode, output } = await project.run(['run', 'd.test.ts'])
  expect(output).toContain('1 passed')
  expect(output).toContain('API died: it ended with exit status 3 after it was ready')
  expect(exitCode).toBe(1)
  await expectNothingLeft(stateDirectory)
})
