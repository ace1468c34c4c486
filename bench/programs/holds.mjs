// Holds an instance with the template for other programs to attach to, as a Vitest run does for its workers.
import { postgres } from 'test-services/fixtures/postgres'
import { answer } from './answer.mjs'

const service = postgres({ template: { files: ['schema.sql'] } }).create({ label: 'DB' })

answer(
  {
    setUp: async () => {
      await service.setUp()
      return { variables: service.variables, version: service.serviceConfig.version }
    },
  },
  () => service.cleanUp(),
)
