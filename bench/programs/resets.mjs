// A worker with its own database in the instance of LP_DB_*: writes to the database, and resets it.

import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { postgres } from 'test-services/fixtures/postgres'
import { answer, timed } from './answer.mjs'
import { ask, elsewhere } from './ask.mjs'
import { dirt } from './dirt.mjs'

const pollMs = 10
const quietMs = 150
const service = postgres().create({ label: 'DB' })
let pool
const url = () => service.serviceConfig.url

answer(
  {
    setUp: async () => {
      await service.setUp({ useExisting: true })
      pool = new pg.Pool({ connectionString: url(), max: 1 })
      pool.on('error', () => {}) // a swap ends the connection
    },
    reset: async (what) => ({ ms: await afterDirt(what, () => service.reset()) }),
    // Time that a test without earlier connections waits: the reset, a new connection, an answer.
    resetAndAsk: async (what) => ({
      ms: await afterDirt(what, async () => {
        await service.reset()
        await ask(url())
      }),
    }),
    // Time that a test waits if the application keeps a pool: the reset, an answer over the kept connection.
    resetAndAskKept: async (what) => ({
      ms: await afterDirt(what, async () => {
        await service.reset()
        await pool.query('SELECT 1')
      }),
    }),
    dirty: async (times) => {
      for (let time = 0; time < times; time++) await ask(url(), dirt.rows)
    },
    dirtyAndReset: async (times) => {
      for (let time = 0; time < times; time++) {
        await ask(url(), dirt.rows)
        await service.reset()
      }
    },
  },
  async () => {
    await pool?.end()
    await service.cleanUp()
  },
)

async function afterDirt(what, work) {
  // Starts from a reset database, as between any two tests: earlier measurements must not show here.
  await service.reset()
  await ask(url(), dirt[what])
  await pool.query('SELECT 1')
  const ms = await timed(work)
  if (what === 'schema') await untilQuiet()
  return ms
}

/** Waits until the list of databases has not changed for a while: then the spare databases are made. */
async function untilQuiet() {
  const maintenance = elsewhere(url(), 'postgres')
  const databases = () => ask(maintenance, 'SELECT oid FROM pg_database ORDER BY oid').then(JSON.stringify)
  let seen = await databases()
  for (let since = performance.now(); performance.now() - since < quietMs; await sleep(pollMs)) {
    const now = await databases()
    if (now !== seen) since = performance.now()
    seen = now
  }
}
