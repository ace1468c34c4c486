import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { AttemptRow, MachineRow, ResultRow, ServiceRow } from '../../src/results/rows.ts'

const beginAt = Date.parse('2026-01-31T12:00:00.000Z')
const machineCount = 8
const areas = ['checkout', 'accounts', 'search', 'billing', 'imports', 'api/v2']
const failureNote =
  "\u001b[31mAssertionError\u001b[39m: expected 'paid' to be 'refunded'\n    at test/refund.test.ts:41:7"
const failureOutput = ` RUN  v4.1.12 /work

 \u001b[32m✓\u001b[39m pays with a card \u001b[2m12ms\u001b[22m
 \u001b[41m FAIL \u001b[49m refunds \u001b[33m</script><script>document.title = 'broken'</script>\u001b[39m
 \u001b[32m- Expected\u001b[39m
 \u001b[31m+ Received\u001b[39m
`

export interface ExampleOptions {
  readonly tests: number
  /** Whether the process was killed: the run has no end. */
  readonly killed?: boolean
}

/** Writes results of many tests: most pass, some fail, one is run again, one is lost, two machines are set up late. */
export function writeExampleResults(directory: string, { tests, killed = false }: ExampleOptions): void {
  const write = (name: string, text: string): void => {
    const path = join(directory, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  const rows = (name: string, all: readonly unknown[]): void =>
    write(name, all.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const { attempts, results, endAt } = runAll(tests)
  const versions = { node: '20.20.0', 'test-services': '0.1.0' }
  const config = { machines: `local=${machineCount}`, reruns: 1 }
  const end = killed ? {} : { end: iso(endAt) }
  const run = { format: 1, id: directory, host: 'builder', begin: iso(beginAt), ...end, versions, config }
  write('run.json', JSON.stringify(run))
  rows('attempts.jsonl', attempts)
  rows('results.jsonl', results)
  rows('machines.jsonl', machineRows(endAt))
  rows('services.jsonl', [...serviceRows(), ...attempts.flatMap(startsOf)])
  for (const [platform, , test, subtest, files] of results)
    for (const name of files) {
      const text = name.startsWith('service-') ? '12:00:09 LOG  deadlock detected\n' : failureOutput
      write(join('files', platform, test, subtest ?? '', name), text)
    }
  const rerun = attempts.find(({ rerun: reason }) => reason !== null)
  if (rerun) write(`attempts/${rerun.id.replaceAll('/', '+')}/output.txt`, 'connection refused\n')
}

function runAll(tests: number): { attempts: AttemptRow[]; results: ResultRow[]; endAt: number } {
  const freeAt = Array.from({ length: machineCount }, (_, machine) => beginAt + 900 + (machine % 4) * 700)
  const attempts: AttemptRow[] = []
  const results: ResultRow[] = []
  const attempt = (index: number, number: number, facts: Partial<AttemptRow>): void => {
    const machine = freeAt.indexOf(Math.min(...freeAt))
    const at = freeAt[machine] ?? beginAt
    const ms = 40 + ((index * 7919) % 997) * (index % 17 === 0 ? 9 : 1)
    freeAt[machine] = at + ms + 8
    const test = nameOf(index)
    const place = { platform: 'node20@x86_64', machine: `local-${machine + 1}`, host: 'builder' }
    const times = { begin: iso(at), end: iso(at + ms) }
    const end = { exitCode: 0, signal: null, state: 'passed', rerun: null, note: null } as const
    attempts.push({ id: `${test}#${number}`, test, number, ...place, ...times, ...end, ...facts })
  }
  for (let index = 0; index < tests; index++) {
    const status = statusOf(index)
    if (index === 11) attempt(index, 1, { state: 'failed', exitCode: 1, rerun: 'it failed: the first of 2 attempts' })
    if (index === 23) attempt(index, 1, { state: 'infra', exitCode: null, rerun: 'ERR_TRANSPORT: local-2 was lost' })
    const isBad = status !== 'pass' && status !== 'skip'
    attempt(index, index === 11 || index === 23 ? 2 : 1, isBad ? { state: 'failed', exitCode: 1 } : {})
    const files = isBad ? ['output.txt', 'service-db.log'] : []
    if (index % 5 === 0) results.push(['node20@x86_64', status, nameOf(index), 'pays with a card', [], null])
    results.push(['node20@x86_64', status, nameOf(index), null, files, isBad ? failureNote : null])
  }
  return { attempts, results, endAt: Math.max(...freeAt) + 300 }
}

function nameOf(index: number): string {
  return `test/${areas[index % areas.length]}/case-${index + 1}.test.ts`
}

function statusOf(index: number): string {
  if (index % 83 === 7) return 'fail'
  if (index % 611 === 30) return 'infra'
  return index % 41 === 9 ? 'skip' : 'pass'
}

function machineRows(endAt: number): MachineRow[] {
  return Array.from({ length: machineCount }, (_, machine) => {
    const facts = { machine: `local-${machine + 1}`, host: 'builder', note: null }
    const ready = beginAt + 900 + (machine % 4) * 700
    return [
      { ...facts, state: 'reserving', at: iso(beginAt) },
      { ...facts, state: 'setting-up', at: iso(beginAt + 200) },
      { ...facts, state: 'free', at: iso(ready) },
      { ...facts, state: 'releasing', at: iso(endAt - 250) },
      { ...facts, state: 'gone', at: iso(endAt) },
    ]
  }).flat()
}

function serviceRows(): ServiceRow[] {
  const shared = { service: 'mail', host: 'builder', machine: null, begin: iso(beginAt + 20), readyMs: 170, note: null }
  const own = Array.from({ length: machineCount }, (_, machine) => {
    const facts = { machine: `local-${machine + 1}`, host: 'builder', begin: iso(beginAt + 210), note: null }
    const steps = [
      { name: 'prepare', ms: 40 },
      { name: 'start', ms: 60 + machine * 9 },
      { name: 'ready', ms: 31 },
    ]
    return [
      { ...facts, service: 'db', readyMs: 131 + machine * 9, steps },
      { ...facts, service: 'cache', readyMs: 9 + machine },
    ]
  })
  return [shared, ...own.flat()]
}

/** The services that the test of an attempt has started: a tenant, and an API that fails to start for failed tests. */
function startsOf({ id, host, machine, begin, end, state }: AttemptRow): ServiceRow[] {
  const ms = (Date.parse(end) - Date.parse(begin)) / 3
  const facts = { host, machine, attempt: id, note: null }
  const error =
    state === 'failed' ? { error: 'API ended with exit status 3 while starting\n    no route to the moon' } : {}
  return [
    { ...facts, service: 'db', begin, readyMs: ms / 4, isTenant: true },
    { ...facts, service: 'api', begin: iso(Date.parse(begin) + ms / 4), readyMs: ms, ...error },
  ]
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
