import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { cases } from '../support/repeats.ts'
import { createProject, distinct, type Project } from './project.ts'

const { stateDirectory } = useCleanState()

const startsIn = ({ directory }: Project): number =>
  readFileSync(`${directory}/starts`, 'utf8').split('\n').filter(Boolean).length

test.each(cases([['forks', 2]], [['threads', 1]]))(
  'a row posted through an api is in the database, in parallel files (%s)',
  {
    timeout: 60_000,
  },
  async (pool, runs) => {
    const project = await createProject('headline')
    for (let run = 1; run <= runs; run++) {
      const { exitCode, output } = await project.run(['posts', '--pool', pool])
      expect(output, `run ${run}`).toContain('9 passed')
      expect(exitCode).toBe(0)
    }
    const told = project.told()
    expect(distinct(told.map(({ url }) => url))).toBeLessThanOrEqual(2 * runs)
    // One api for each of the two workers of a run, though each of the three files has a new worker.
    expect(startsIn(project)).toBe(distinct(told.map(({ api }) => api)))
    expect(startsIn(project)).toBeLessThanOrEqual(2 * runs)
    await expectNothingLeft(stateDirectory)
  },
)
