import { redis } from '../../fixtures/redis/index.ts'

/** Sets up a Redis, pauses it, says its pid, and waits. */
const service = redis().create({ label: 'PAUSED' })
await service.setUp()
await service.pause()
process.stdout.write(`${service.pid}\n`)
setInterval(() => {}, 60_000)
