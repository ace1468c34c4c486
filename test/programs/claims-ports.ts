import { acquireRun, releaseRun } from '../../src/run/own-run.ts'

/** Claims as many ports as its argument says, prints them, and gives them back when its input ends. */
const run = await acquireRun()
const ports: number[] = []
for (let count = Number(process.argv[2]); count > 0; count--) ports.push((await run.claimPort()).value)
process.stdout.write(`${JSON.stringify(ports)}\n`)
for await (const _ of process.stdin);
await releaseRun(run)
