// Attaches to the instance of LP_DB_*, as a worker does at its first test, and leaves again.
import { postgres } from 'test-services/fixtures/postgres'
import { answer, timed } from './answer.mjs'

answer({
  attach: async () => {
    const service = postgres().create({ label: 'DB' })
    const ms = await timed(() => service.setUp({ useExisting: true }))
    await service.cleanUp()
    return { ms }
  },
})
