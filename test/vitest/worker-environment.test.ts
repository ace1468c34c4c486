import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { cases } from '../support/repeats.ts'
import { createProject, distinct } from './project.ts'

const { stateDirectory } = useCleanState()

test.each(
  cases(
    [['forks', ['--no-isolate']]],
    [
      ['forks', []],
      ['threads', []],
    ],
  ),
)('the environment of a worker names the slot, which the next file gets (%s %s)', async (pool, args) => {
  const project = await createProject('library')
  const { output } = await project.run(['tells', '--maxWorkers', '1', '--pool', pool, ...args])
  expect(output).toContain('2 passed')
  const told = project.told()
  for (const { url, before } of told) expect(before).toBe(url)
  expect(distinct(told.map(({ url }) => url))).toBe(1)
  await expectNothingLeft(stateDirectory)
})

test('the environment of a worker names all services before a test uses any', async () => {
  const project = await createProject('two-libraries')
  expect((await project.run(['environment'])).output).toContain('2 passed')
})
