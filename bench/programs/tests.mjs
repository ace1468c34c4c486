// One of several test workers: it runs tests on a database of its own, each pristine, or as the one before left it.
import { postgres } from 'test-services/fixtures/postgres'
import { answer, timed } from './answer.mjs'
import { ask } from './ask.mjs'
import { dirt } from './dirt.mjs'

const service = postgres().create({ label: 'DB' })
const reads =
  'SELECT count(*), sum(table_010.amount) FROM table_010 JOIN table_050 USING (id) JOIN table_090 USING (id)'

async function test() {
  await ask(service.serviceConfig.url, `${dirt.rows}; ${reads}; ${reads}; ${reads}`)
}

answer(
  {
    setUp: () => service.setUp({ useExisting: true }),
    /** The milliseconds that each test waited for its database. */
    isolated: async (tests) => {
      const waits = []
      for (let count = 0; count < tests; count++) {
        waits.push(await timed(() => service.reset()))
        await test()
      }
      return waits
    },
    shared: async (tests) => {
      for (let count = 0; count < tests; count++) await test()
    },
    reset: () => service.reset(),
  },
  () => service.cleanUp(),
)
