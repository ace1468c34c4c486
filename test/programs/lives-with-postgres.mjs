// Sets a Postgres up, checks it, resets it, says who it is as one line of JSON, and cleans up.
import { postgres } from 'test-services/fixtures/postgres'

const service = postgres().create({ label: 'DB' })
await service.setUp()
await service.check()
await service.reset()
process.stdout.write(`${JSON.stringify({ pid: service.pid, config: service.serviceConfig })}\n`)
await service.cleanUp()
