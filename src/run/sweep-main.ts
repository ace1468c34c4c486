import { existsSync } from 'node:fs'
import { stateDirectory } from '../host/state-directory.ts'
import { parseRunRecord } from './run-record.ts'
import { endUnrecorded, sweepRun } from './sweep.ts'

/** The guardian's program after the end of its holder: sweeps a single run; the argument is the run's record. */
const record = parseRunRecord(process.argv[2] ?? '')
const state = process.env.LP_STATE_DIR ?? ''
if (record) {
  // A user may have removed the whole state directory: sweeping must not make the directory again for nothing.
  if (existsSync(state)) await sweepRun(stateDirectory(), record.id, record)
  await endUnrecorded(state, record)
}
