// A worker with a database of its own in the instance that LP_DB_* names, which it dirties and resets.
import pg from 'pg'
import { sleep } from 'test-services'
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
      pool.on('error', () => {}) // a swap ends its connection
    },
    reset: async (what) => ({ ms: await afterDirt(what, () => service.reset()) }),
    // What a test that knows nothing of the one before it waits for: the reset, a new connection, an answer.
    resetAndAsk: async (what) => ({
      ms: await afterDirt(what, async () => {
        await service.reset()
        await ask(url())
      }),
    }),
    // The same of a test whose application has a pool that stays.
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
  // As between any two tests: what was measured before this must not show here.
  await service.reset()
  await ask(url(), dirt[what])
  await pool.query('SELECT 1')
  const ms = await timed(work)
  if (what === 'schema') await untilQuiet()
  return ms
}

/** Until the databases that are made ahead are there: as many as before, for a while. */
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
