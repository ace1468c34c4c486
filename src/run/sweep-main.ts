import { stateDirectory } from '../host/state-directory.ts'
import { sweepRun } from './sweep.ts'

/** What the guardian becomes when its holder is gone: the sweep of the one run named in its arguments. */
const [id] = process.argv.slice(2)
if (id) await sweepRun(stateDirectory(), id)
