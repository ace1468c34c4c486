import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, test } from 'vitest'
import { quickLocal } from '../../src/transport/local.ts'
import { eventually } from '../support/eventually.ts'
import { processesLeft, useCleanState } from '../support/left-nothing.ts'
import { transportCases } from '../support/transport-cases.ts'

const { stateDirectory } = useCleanState()
const transport = quickLocal(process.cwd())
afterAll(() => transport.close())

transportCases(() => ({ transport, directory: mkdtempSync(join(stateDirectory, 'case-')) }))

test('a process with a session of its own ends soon after its command', async () => {
  await transport.run(['sh', '-c', 'setsid sleep 60 > /dev/null 2>&1 &'])
  const commands = (): string[] => processesLeft(stateDirectory).filter((each) => each.includes('sleep'))
  await eventually('the end of the process', () => commands().length === 0)
})
