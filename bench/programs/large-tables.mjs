// An own instance with tables of several sizes: one row is written, and undone by reset() and by hand.

import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { postgres } from 'test-services/fixtures/postgres'
import { answer, timed } from './answer.mjs'
import { ask, elsewhere } from './ask.mjs'

const quietMs = 300
const service = postgres({ template: { migrate: fill } }).create({ label: 'DB' })
const url = () => service.serviceConfig.url
const maintenance = () => elsewhere(url(), 'postgres')
let kept

answer(
  {
    setUp: async () => {
      await service.setUp({ uniqueInstance: true })
      await ask(maintenance(), `CREATE DATABASE by_hand TEMPLATE ${service.serviceConfig.template} STRATEGY file_copy`)
      kept = new pg.Pool({ connectionString: url(), max: 1 })
      kept.on('error', () => {}) // a swap ends the connection
    },
    insert: (table) => reset(`INSERT INTO ${table} (n, text) VALUES (1, 'dirt')`),
    update: (table) => reset(`UPDATE ${table} SET n = 0 WHERE id = 7`),
    swap: () => reset('CREATE TABLE dirt (n int)'),
    clone: async () => {
      const clone = `CREATE DATABASE by_hand_once TEMPLATE ${service.serviceConfig.template} STRATEGY file_copy`
      const ms = await timed(async () => {
        await ask(maintenance(), clone)
        await ask(elsewhere(url(), 'by_hand_once'))
      })
      await ask(maintenance(), 'DROP DATABASE by_hand_once')
      return { ms }
    },
    // Leaves the table empty.
    truncate: async (table) => {
      const byHand = elsewhere(url(), 'by_hand')
      await ask(byHand, `INSERT INTO ${table} (n, text) VALUES (1, 'dirt')`)
      return { ms: await timed(() => ask(byHand, `TRUNCATE ${table}`)) }
    },
  },
  async () => {
    await kept?.end()
    await service.cleanUp()
  },
)

/** Returns the time to the first answer over a connection from before the reset. */
async function reset(dirt) {
  await kept.query(dirt)
  const ms = await timed(async () => {
    await service.reset()
    await kept.query('SELECT 1')
  })
  await sleep(quietMs)
  return { ms }
}

async function fill({ url }) {
  const { default: pg } = await import('pg')
  const client = new pg.Client(url)
  await client.connect()
  for (const [table, count] of Object.entries({ small: 80, medium: 130_000, large: 1_000_000 })) {
    await client.query(`CREATE TABLE ${table} (id serial PRIMARY KEY, n int, text text)`)
    await client.query(
      `INSERT INTO ${table} (n, text) SELECT g, repeat('x', 60) FROM generate_series(1, ${count}) AS g`,
    )
  }
  await client.end()
}
