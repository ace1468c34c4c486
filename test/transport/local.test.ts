import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { local } from '../../src/transport/local.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { transportCases } from '../support/transport-cases.ts'

const { stateDirectory } = useCleanState()
const transport = local()
afterAll(() => transport.close())

transportCases(() => ({ transport, directory: mkdtempSync(join(stateDirectory, 'case-')) }))
