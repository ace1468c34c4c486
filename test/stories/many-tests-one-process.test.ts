import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject } from '../vitest/project.ts'

const { stateDirectory } = useCleanState()

test('many tests share one instance: each finds it checked and empty', async () => {
  const project = await createProject({
    'many.test.ts': `
      import { expect } from 'vitest'
      import { add, list, tell, test } from './support.ts'
      for (const name of ['first', 'second', 'third'])
        test(name, async ({ library }) => {
          expect(await list(library)).toBe(0)
          await add(library, name)
          expect(await list(library)).toBe(1)
          tell({ [name]: String(library.serviceConfig.port) })
        })`,
  })
  const { exitCode, output } = await project.run()
  expect(exitCode, output).toBe(0)
  const ports = project.told().map((told) => told.first ?? told.second ?? told.third)
  expect(ports).toHaveLength(3)
  expect(new Set(ports).size).toBe(1)
  await expectNothingLeft(stateDirectory)
})

test('a dead service is named to the tests after it, and is not started again', async () => {
  const project = await createProject({
    'dies.test.ts': `
      import { readFileSync } from 'node:fs'
      import { useService } from 'test-services/vitest'
      import { test } from 'vitest'
      import { config } from './support.ts'
      const library = useService(config.services.library, { instance: 'unique' })
      test('kills it', () => process.kill(Number(readFileSync(library.variables.LP_LIBRARY_PIDFILE, 'utf8')), 'SIGKILL'))
      test('comes after', () => {})`,
  })
  const { exitCode, output } = await project.run()
  expect(exitCode).toBe(1)
  expect(output).toContain('LIBRARY died: it ended with signal SIGKILL')
  expect(output).toMatch(/1 failed.*1 passed/)
  await expectNothingLeft(stateDirectory)
})
