import { existsSync } from 'node:fs'
import { stateDirectory } from '../host/state-directory.ts'
import { parseRunRecord } from './run-record.ts'
import { sweepRun } from './sweep.ts'

/** The guardian's program after the end of its holder: sweeps a single run; the argument is the run's record. */
const record = parseRunRecord(process.argv[2] ?? '')
// A user may have removed the whole state directory: sweeping must not make the directory again for nothing.
if (record && existsSync(process.env.LP_STATE_DIR ?? '')) await sweepRun(stateDirectory(), record.id, record)
