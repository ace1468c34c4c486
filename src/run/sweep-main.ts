import { existsSync } from 'node:fs'
import { stateDirectory } from '../host/state-directory.ts'
import { parseRunRecord } from './run-record.ts'
import { sweepRun } from './sweep.ts'

/** What the guardian becomes when its holder is gone: the sweep of the one run whose record is its argument. */
const record = parseRunRecord(process.argv[2] ?? '')
// Somebody may have removed all of the state directory: it is not made again for nothing.
if (record && existsSync(process.env.LP_STATE_DIR ?? '')) await sweepRun(stateDirectory(), record.id, record)
