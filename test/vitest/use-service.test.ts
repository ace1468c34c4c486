import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { cases } from '../support/repeats.ts'
import { createProject, withoutPlugin } from './project.ts'

const { stateDirectory } = useCleanState()

test('useService resets, gives the slot or an own instance, and explains mistakes', async () => {
  const project = await createProject('library')
  const files = ['use-service', 'own-instance', 'mistakes', 'handed-over', 'labels', 'tells.test']
  const { output } = await project.run([...files, '--maxWorkers', '1'])
  expect(output).toContain('✓ use-service.test.ts (3 tests)')
  expect(output).toContain('✓ labels.test.ts (8 tests)')
  expect(output).toContain('✓ mistakes.test.ts (3 tests)')
  expect(output).toContain('❯ own-instance.test.ts (3 tests | 1 failed)')
  expect(output).toContain('ServiceError: LIBRARY died: it ended with signal SIGKILL')
  expect(output).toContain('last lines of its log:')
  expect(output).toContain('❯ handed-over.test.ts (3 tests | 1 skipped)')
  expect(output).toContain('ConfigError: useService: API needs library, which is to be handed over')
  const [slot, url] = ['slot', 'url'].map((name) => project.told().find((told) => name in told)?.[name])
  expect(url).toBe(slot)
  await expectNothingLeft(stateDirectory)
})

test.each(
  cases([['with the plugin', ['faults'], ['✓ faults.test.ts (3 tests)']]], [['without the plugin', withoutPlugin, []]]),
)('a service with needs is reset with them, and shares them with fixtures (%s)', async (_, args, more) => {
  const project = await createProject('needy')
  const { output } = await project.run(['needs-use-service', 'one-for-all', ...args])
  expect(output).toContain('✓ needs-use-service.test.ts (2 tests)')
  for (const line of ['✓ one-for-all.test.ts (8 tests)', ...more]) expect(output).toContain(line)
  await expectNothingLeft(stateDirectory)
})
