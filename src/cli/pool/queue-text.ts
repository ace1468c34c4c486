import type { QueueHost, QueueStatus, TestCounts } from '../../pool/queue/shared-queue.ts'
import type { AttemptRow } from '../../results/rows.ts'
import { colors } from '../terminal/colors.ts'
import { describeOutcome, describeResults } from './pool-text.ts'

/** Returns `57 passed, 2 failed, 1 not run (30 on alpha, 29 on beta)`. */
export function describeCounts({ hosts, ...counts }: TestCounts): string {
  const shares = Object.entries(hosts).map(([host, count]) => `${count} on ${host}`)
  return `${describeResults(counts)}${shares.length > 0 ? colors.dim(` (${shares.join(', ')})`) : ''}`
}

/** Returns a line for each attempt of another host that did not pass: `✖ test/a.test.ts failed on beta`. */
export function describeElsewhere(attempts: readonly AttemptRow[]): string {
  const bad = attempts.filter(({ state }) => state !== 'passed')
  return bad.map((attempt) => `${describeOutcome(attempt)} on ${attempt.host}\n`).join('')
}

/** Returns how a run stands, and the work of each machine. */
export function describeStatus({ run, counts, hosts }: QueueStatus): string {
  const state = run.state === 'ended' || counts.notRun === 0 ? 'has ended' : run.state === 'open' ? 'runs' : 'is filled'
  const head = `the run of ${run.host}, begun at ${run.begin}, ${state}: ${describeCounts(counts)}`
  return [head, ...hosts.flatMap(describeHost)].join('\n')
}

function describeHost({ host, pid, machines }: QueueHost): string[] {
  const rows = machines.map(({ name, test }) => `  ${name} ${test ?? colors.dim('waits')}`)
  return [`${host} ${colors.dim(`(process ${pid})`)}`, ...rows]
}
