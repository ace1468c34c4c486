// Attaches to the NATS of LP_NATS_*, and tells its config.
import { nats } from 'test-services/fixtures/nats'

const service = nats().create({ label: 'NATS' })
await service.setUp({ useExisting: true })
console.log(JSON.stringify(service.serviceConfig))
setInterval(() => {}, 60_000)
