import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type PostgresDefinition, type PostgresService, postgres } from '../fixtures/postgres/index.ts'
import { sleep } from '../src/fixture-internals.ts'
import { schemaSql } from './schema.ts'
import { summarise } from './statistics.ts'

// Measures the steps of the Postgres fixture from the sources: median and fastest. Run: tsx bench/postgres-steps.ts
// [ROUNDS]

const rounds = Number(process.argv[2] ?? 20)
/** Pause in milliseconds, in which spare databases are made and old ones are dropped. */
const quietMs = 150
const rowsOfThreeTables = [1, 2, 3].map((n) => `INSERT INTO table_00${n} (name) VALUES ('x')`).join('; ')
const changedSchema = 'CREATE TABLE dirt (a int)'
const directory = mkdtempSync(join(tmpdir(), 'ts-steps-'))
const times = new Map<string, number[]>()

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now()
  const result = await work()
  times.set(what, [...(times.get(what) ?? []), performance.now() - startedAt])
  return result
}

async function ask({ serviceConfig }: PostgresService, sql: string): Promise<void> {
  const client = new pg.Client(serviceConfig.url)
  await client.connect()
  await client.query(sql)
  await client.end()
}

async function measureStart(what: string, definition: PostgresDefinition): Promise<void> {
  for (let round = 0; round <= rounds; round++) {
    const service = definition.create({ label: 'DB', directory })
    // The first round prepares the data.
    const step = round === 0 ? 'prepared' : `set up to the first answer, ${what}`
    await timed(step, () => service.setUp().then(() => ask(service, 'SELECT 1')))
    await timed(round === 0 ? 'prepared' : `clean up, ${what}`, () => service.cleanUp())
  }
}

async function measureAttach(service: PostgresService): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const client = template.create({ label: 'DB', directory, environment: service.variables })
    await timed('attach to a template', () => client.setUp({ useExisting: true }))
    await timed('give the slice back', () => client.cleanUp())
  }
}

async function measureReset(service: PostgresService): Promise<void> {
  const dirt = { 'nothing written': 'SELECT 1', '3 tables of 100 written': rowsOfThreeTables, DDL: changedSchema }
  for (const [what, sql] of Object.entries(dirt)) {
    for (let round = 0; round <= rounds; round++) {
      await ask(service, sql)
      await timed(round === 0 ? 'warm' : `reset: ${what}`, () => service.reset())
      if (sql === changedSchema) await sleep(quietMs)
    }
  }
}

async function measureSnapshots(service: PostgresService): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await service.reset()
    await ask(service, rowsOfThreeTables)
    await timed('snapshot', () => service.snapshot('s'))
    await sleep(quietMs)
  }
  for (let round = 0; round < rounds; round++) {
    await timed('restore: nothing written', () => service.restore('s'))
    await ask(service, rowsOfThreeTables)
    await timed('restore: 3 tables of 100 written', () => service.restore('s'))
    await ask(service, rowsOfThreeTables)
    await timed('reset, then restore: 3 tables of 100 written', () => service.reset().then(() => service.restore('s')))
    await ask(service, changedSchema)
    await timed('restore: DDL', () => service.restore('s'))
    await sleep(quietMs)
  }
}

process.env.LP_STATE_DIR ??= join(directory, 'state')
writeFileSync(join(directory, 'schema.sql'), schemaSql())
const template = postgres({ template: { files: ['schema.sql'] } })
try {
  await measureStart('empty', postgres())
  await measureStart('template', template)
  await using service = template.create({ label: 'DB', directory })
  await service.setUp()
  await measureAttach(service)
  await measureReset(service)
  await measureSnapshots(service)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
for (const [what, ms] of times) {
  if (ms.length < rounds) continue
  const figures = [summarise(ms).median, Math.min(...ms)].map((value) => `${value.toFixed(1).padStart(7)} ms`)
  console.log(`${figures.join('')}  ${what}`)
}
