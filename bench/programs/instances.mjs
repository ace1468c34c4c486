// Unique instances, one after the other: from the call of setUp to the first answered query, and cleanUp.
import { postgres } from 'test-services/fixtures/postgres'
import { answer, timed } from './answer.mjs'
import { ask } from './ask.mjs'

const definitions = { empty: postgres(), filled: postgres({ template: { files: ['schema.sql'] } }) }

answer({
  start: async (which) => {
    const service = definitions[which].create({ label: 'DB' })
    const startMs = await timed(async () => {
      await service.setUp()
      await ask(service.serviceConfig.url)
    })
    return { startMs, stopMs: await timed(() => service.cleanUp()) }
  },
})
