// Attaches to the Redis of LP_REDIS_*, and tells its config.
import { redis } from 'test-services/fixtures/redis'

const service = redis().create({ label: 'REDIS' })
await service.setUp({ useExisting: true })
console.log(JSON.stringify(service.serviceConfig))
setInterval(() => {}, 60_000)
