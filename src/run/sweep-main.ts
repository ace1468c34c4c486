import { existsSync } from 'node:fs'
import { stateDirectory } from '../host/state-directory.ts'
import { sweepRun } from './sweep.ts'

/** What the guardian becomes when its holder is gone: the sweep of the one run named in its arguments. */
const [id] = process.argv.slice(2)
// Somebody may have removed all of the state directory: it is not made again for nothing.
if (id && existsSync(process.env.LP_STATE_DIR ?? '')) await sweepRun(stateDirectory(), id)
