import { sweep } from '../../src/run/sweep.ts'

/** Sweeps the state directory and prints what it did. */
process.stdout.write('started\n')
process.stdout.write(`${JSON.stringify(await sweep(process.env.LP_STATE_DIR ?? ''))}\n`)
