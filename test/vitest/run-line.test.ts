import { expect, test } from 'vitest'
import { command, defineConfig } from '../../src/index.ts'
import { describeUse } from '../../src/vitest/plugin/run-line.ts'
import { RunServices } from '../../src/vitest/plugin/run-services.ts'
import { useCleanState } from '../support/left-nothing.ts'

useCleanState()

test('services that each worker starts are named', async () => {
  const config = defineConfig({ services: { api: command({ command: ['true'], scope: 'slot' }) } })
  const stack = { config, project: '/project/test-services.config.ts', directory: '/project', names: [], prefix: 'LP' }
  const line = await describeUse(stack, { shared: new RunServices(stack), root: '/project' })
  expect(line).toBe('test-services: api: started by each worker')
})
