// One of several test workers. Runs tests on an own database, with or without a reset between the tests.
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
    /** Returns the time that each test waited for its database, in milliseconds. */
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
