import { SupervisedProcess } from '../../src/process/supervised-process.ts'
import { acquireRun } from '../../src/run/own-run.ts'

/**
 * Holds a run with a service (its arguments), a port, a claim and a directory outside. Says `starting`, then what it
 * holds in one line of JSON, and waits; with `FORGETS=1` it just ends. With `SPAWN_ONLY=1` it says it between the spawn
 * and the record of the process, and stops there.
 */
process.stdout.write('starting\n')
const run = await acquireRun()
const { directory, environment, marks } = run.createInstance('HELD')
const port = await run.claimPort()
const claim = run.tryClaim('held')
const sockets = await run.createSocketDirectory(10)
const plan = {
  argv: process.argv.slice(2),
  environment: { PATH: process.env.PATH ?? '', ...environment },
  directory,
  logFile: `${directory}/service.log`,
  keptLogs: `${run.stateDirectory}/logs`,
  marks,
  ladder: [{ signal: 'SIGTERM', graceMs: 5_000 }] as const,
}

function say(pid: number): void {
  const held = { run: run.id, directory, port: port.value, claim: claim?.value, sockets: sockets.value, pid }
  process.stdout.write(`${JSON.stringify(held)}\n`)
}

const service = await SupervisedProcess.start(plan, (identity) => {
  if (process.env.SPAWN_ONLY === '1') {
    say(identity.pid)
    // Nothing else happens in this process any more: the gate stays as it is.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  }
  run.record({ kind: 'process', label: 'HELD', identity, ladder: plan.ladder })
})
say(service.identity.pid)
if (process.env.FORGETS !== '1') setInterval(() => {}, 60_000)
