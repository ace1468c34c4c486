import { parseArgs } from 'node:util'
import { type Cluster, type Costs, simulate } from './simulate.ts'

/*
 * Simulates a million tests on a thousand hosts, taken from one queue: which part saturates first, and at what rate.
 *
 *   node --import tsx bench/simulation/main.ts [--hosts 1000] [--machines 4] [--tests 1000000] [--take MS] [--finish MS] …
 *
 * Assumptions:
 * - The server of the queue, Redis or Valkey, does one command at a time, on one core. What a test costs there is its time
 *   of processor, measured by `INFO cpu` around 5,000 tests of `openQueue` with Redis 7.0 on the machine of
 *   docs/benchmarks.md: it does not depend on the load of that machine. Clients, sockets and TLS cost nothing more.
 * - A pool does one thing at a time. What a test costs there was measured by `make bench ARGS=pool`, once without results,
 *   and once with results on disk.
 * - All hosts begin at once, never die, and have as many machines. Tests need no set-up, and none runs again.
 * - Durations are log-normal (deviation of the logarithm: 1) and known, so that the longest tests run first.
 * - A round trip takes half a millisecond. Locks are renewed every 5 s. No network is saturated: a take moves about 2 kB.
 * - Machines that wait at the end cost the server nothing: as long as tests are there, none waits.
 */
const measured: Costs = {
  takeMs: 0.069,
  finishMs: 0.06,
  renewMs: 0.0061,
  poolMs: 0.35,
  resultsMs: 2.6,
  roundTripMs: 0.5,
}
/** Memory of the server for one test, and its time for adding one, measured in the same way. */
const bytesPerTest = 960
const addMs = 0.019
const means = [60_000, 10_000, 3_000, 1_000, 500, 300, 100]

const { values } = parseArgs({
  options: Object.fromEntries(
    ['hosts', 'machines', 'tests', 'take', 'finish', 'renew', 'pool', 'results', 'roundTrip'].map((name) => [
      name,
      { type: 'string' as const },
    ]),
  ),
})

function numberOf(name: string, otherwise: number): number {
  const text = values[name]
  return text === undefined ? otherwise : Number(text)
}

const costs: Costs = {
  takeMs: numberOf('take', measured.takeMs),
  finishMs: numberOf('finish', measured.finishMs),
  renewMs: numberOf('renew', measured.renewMs),
  poolMs: numberOf('pool', measured.poolMs),
  resultsMs: numberOf('results', measured.resultsMs),
  roundTripMs: numberOf('roundTrip', measured.roundTripMs),
}
const cluster: Omit<Cluster, 'meanMs'> = {
  hosts: numberOf('hosts', 1_000),
  machinesPerHost: numberOf('machines', 4),
  tests: numberOf('tests', 1_000_000),
  renewEveryMs: 5_000,
}

function line(...cells: readonly string[]): void {
  process.stdout.write(`${cells.map((cell) => cell.padStart(10)).join(' ')}\n`)
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

const { hosts, machinesPerHost, tests } = cluster
process.stdout.write(`${hosts} hosts with ${machinesPerHost} machines each, ${tests} tests\n\n`)
process.stdout.write('At most, in tests per second:\n')
process.stdout.write(`  the server  ${Math.round(1_000 / (costs.takeMs + costs.finishMs))}\n`)
process.stdout.write(`  the hosts   ${Math.round((1_000 * hosts) / (costs.poolMs + costs.resultsMs))}\n\n`)
process.stdout.write(`The server needs ${Math.round((tests * bytesPerTest) / 2 ** 20)} MiB for the tests, `)
process.stdout.write(`and ${Math.round((tests * addMs) / 1_000)} s to add them.\n\n`)
line('mean test', 'tests/s', 'server', 'hosts', 'machines', 'wait', '× bound')
for (const meanMs of means) {
  const { testsPerSecond, busy, meanWaitMs, overBound } = simulate({ ...cluster, meanMs }, costs)
  const [server, host, machine] = [percent(busy.server), percent(busy.host), percent(busy.machine)]
  const wait = `${meanWaitMs.toFixed(1)} ms`
  line(`${meanMs / 1_000} s`, `${Math.round(testsPerSecond)}`, server, host, machine, wait, overBound.toFixed(2))
}
