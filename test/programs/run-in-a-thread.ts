import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** Runs `holder-that-waits`, as it was bundled, in a thread; ends the thread, not itself, when its input says so. */
const worker = new Worker(new URL('holder-that-waits.js', import.meta.url), { argv: process.argv.slice(2) })
await once(process.stdin, 'data')
await worker.terminate()
process.stdout.write('terminated\n')
