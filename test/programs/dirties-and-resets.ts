import pg from 'pg'
import { postgres } from '../../fixtures/postgres/index.ts'
import { fingerprint, rowDirt, schemaDirt } from '../fixtures/postgres/dirt.ts'

/**
 * A worker: attaches to the Postgres that `LP_DB_*` names, dirties its database again and again in ways that the seed
 * decides, and says how often it was not as it is to be after a reset or restore, and which dirt had been there.
 */
const [, , seedText = '1', roundsText = '1'] = process.argv
const schemaShare = 0.2
const snapshotShare = 0.2
const openShare = 0.3
const ways = { rows: Object.entries(rowDirt), schema: Object.entries(schemaDirt) }
const random = createRandom(Number(seedText))
const service = postgres().create({ label: 'DB' })
await service.setUp({ useExisting: true })
const template = await lookAndLeave('')
await lookAndLeave("INSERT INTO author (name) VALUES ('of this worker alone, number ' || pg_backend_pid())")
await service.snapshot('mine')
const snapshot = await lookAndLeave('')
const wrong: string[] = []
let expected = snapshot
let last = 'snapshot'
for (let round = 0; round < Number(roundsText); round++) {
  const [what, sql] = pick(random() < schemaShare ? ways.schema : ways.rows)
  const dirt = random() < openShare ? `BEGIN; ${sql}; LISTEN dirt; SELECT pg_advisory_xact_lock(1)` : sql
  if ((await lookAndLeave(dirt)) !== expected) wrong.push(`${round}: ${last}`)
  const toSnapshot = random() < snapshotShare
  await (toSnapshot ? service.restore('mine') : service.reset())
  expected = toSnapshot ? snapshot : template
  last = what
}
if ((await lookAndLeave('')) !== expected) wrong.push(last)
await service.cleanUp()
process.stdout.write(`${JSON.stringify({ wrong })}\n`)

/** What there is to see over a connection that then does something, and is not closed. */
async function lookAndLeave(sql: string): Promise<string> {
  const client = new pg.Client({ connectionString: service.serviceConfig.url })
  client.on('error', () => {})
  await client.connect()
  const seen = JSON.stringify((await client.query(fingerprint)).rows)
  if (sql !== '') await client.query(sql)
  return seen
}

function pick<T>(from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T
}

/** The same numbers for the same seed. @see https://en.wikipedia.org/wiki/Linear_congruential_generator */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
