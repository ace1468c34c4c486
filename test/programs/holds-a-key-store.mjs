// Holds the container of `key-store.mjs`, and prints its port.
import { store } from './key-store.mjs'

const service = store.create({ label: 'HELD' })
await service.setUp()
console.log(service.serviceConfig.port)
setInterval(() => {}, 1000)
