import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** Runs `holder-that-waits.ts` in a thread; ends the thread, not itself, when its input says so. */
const holder = new URL('holder-that-waits.ts', import.meta.url).href
const script = `import('tsx/esm/api').then(({ register }) => register() && import('${holder}'))`
const worker = new Worker(script, { eval: true, argv: process.argv.slice(2) })
await once(process.stdin, 'data')
await worker.terminate()
process.stdout.write('terminated\n')
