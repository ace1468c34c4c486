// Attaches to the etcd of LP_ETCD_*, and tells its config.
import { etcd } from 'test-services/fixtures/etcd'

const service = etcd().create({ label: 'ETCD' })
await service.setUp({ useExisting: true })
console.log(JSON.stringify(service.serviceConfig))
setInterval(() => {}, 60_000)
