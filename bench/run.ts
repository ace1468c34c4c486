import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { hasCode } from '../src/fixture.ts'
import { Deadline } from '../src/kernel/deadline.ts'
import { UsageError } from '../src/kernel/errors.ts'
import { chartOf } from './chart.ts'
import { writeDocuments } from './document.ts'
import { Ground } from './ground.ts'
import { describeMachine } from './machine.ts'
import { circumstances, footOf, markdownOf, type Report, sectionOf } from './report.ts'
import type { Section, Subject } from './subject.ts'
import { attach } from './subjects/attach.ts'
import { command } from './subjects/command.ts'
import { guards } from './subjects/guards.ts'
import { largeTables } from './subjects/large-tables.ts'
import { messageFilter } from './subjects/message-filter.ts'
import { others } from './subjects/others.ts'
import { pool } from './subjects/pool.ts'
import { proxy } from './subjects/proxy.ts'
import { reset } from './subjects/reset.ts'
import { services } from './subjects/services.ts'
import { ssh } from './subjects/ssh.ts'
import { start } from './subjects/start.ts'
import { vitest } from './subjects/vitest.ts'
import { workers } from './subjects/workers.ts'
import { workflow } from './subjects/workflow.ts'

const subjects: Readonly<Record<string, Subject>> = {
  start,
  reset,
  'large-tables': largeTables,
  services,
  others,
  workers,
  attach,
  command,
  vitest,
  guards,
  'message-filter': messageFilter,
  proxy,
  pool,
  ssh,
  workflow,
}
const defaultRounds = 20
const roundLimitMs = 30_000

/** Measures the subjects, one after the other, in a temporary installation. */
async function measure(rounds: number, chosen: readonly Subject[]): Promise<Report> {
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort(signal))
  const deadline = new Deadline('the bench', roundLimitMs * Math.max(rounds, defaultRounds), interrupted.signal)
  await using ground = await Ground.create(deadline)
  const date = new Date().toISOString().slice(0, 'yyyy-mm-dd'.length)
  const machine = await describeMachine(ground)
  const loads = [loadNow()]
  const sections: Section[] = []
  for (const subject of chosen) {
    process.stderr.write(`${subject.title} …\n`)
    const section = { title: subject.title, figures: await subject.measure(ground, rounds) }
    process.stdout.write(`${sectionOf(section)}\n\n`)
    sections.push(section)
    loads.push(loadNow())
  }
  return { sections, rounds, machine, loads, date }
}

/** Returns the load average of the last minute. */
function loadNow(): number {
  return loadavg()[0] ?? Number.NaN
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { write: { type: 'boolean' } }, allowPositionals: true })
  const [rounds = defaultRounds] = positionals.map(Number).filter((number) => number > 0)
  const names = positionals.filter((word) => Number.isNaN(Number(word)))
  const chosen = names.map(subjectOf)
  const report = await measure(rounds, chosen.length > 0 ? chosen : Object.values(subjects))
  process.stdout.write(`${footOf(report)}\n`)
  if (values.write) writeDocuments(markdownOf(report), chartOf(report.sections, circumstances(report)))
}

function subjectOf(name: string): Subject {
  const found = subjects[name]
  if (found) return found
  const usage = `make bench ARGS='[ROUNDS] [${Object.keys(subjects).join(' | ')}]… [--write]'`
  throw new UsageError(`the bench has no subject "${name}": ${usage}`)
}

await main().catch((thrown) => {
  if (!hasCode(thrown, 'ERR_USAGE', 'ERR_CANCELED')) throw thrown
  process.stderr.write(`${thrown.message}\n`)
  process.exitCode = 1
})
