import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject, type Project } from './project.ts'

const { stateDirectory } = useCleanState()

const distinct = (values: readonly (string | undefined)[]): number => new Set(values).size

const startsIn = ({ directory }: Project): number =>
  readFileSync(`${directory}/starts`, 'utf8').split('\n').filter(Boolean).length

test.each(['forks', 'threads'])(
  'a row that is posted through an api is found in the database, in parallel files, run after run (%s)',
  { timeout: 60_000 },
  async (pool) => {
    const project = await createProject({}, 'headline')
    for (const run of [1, 2]) {
      const { exitCode, output } = await project.run(['run', '--pool', pool])
      expect(output, `run ${run}`).toContain('9 passed')
      expect(exitCode).toBe(0)
    }
    const told = project.told()
    expect(distinct(told.map(({ url }) => url))).toBeLessThanOrEqual(4)
    // One api for each of the two workers, in each of the two runs, though each of the three files has a new worker.
    expect(startsIn(project)).toBe(distinct(told.map(({ api }) => api)))
    expect(startsIn(project)).toBeLessThanOrEqual(4)
    await expectNothingLeft(stateDirectory)
  },
)
