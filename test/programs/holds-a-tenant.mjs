// What an author of a fixture writes: the tenant of an attached client is a file, which a module removes.
// holds-a-tenant.mjs FILE MODULE [LABEL]
import { writeFileSync } from 'node:fs'
import { ExternalService } from 'test-services/fixture'

class Tenants extends ExternalService {
  async onStart(context) {
    const [path, module, label] = process.argv.slice(2)
    const data = { path, url: 'redis://me:sesame-street@127.0.0.1:1', password: 'open-barley' }
    const reclaim = { module: new URL(module, import.meta.url), data, label }
    await context.own({ reclaim, remove: async () => {} })
    writeFileSync(path, '')
    return { url: '' }
  }
  configFromVariables() {
    return { url: '' }
  }
  async onCheck() {}
  async onReset() {}
}

const service = new Tenants({ label: 'TENANT' })
await service.setUp().then(
  () => console.log('up'),
  (error) => console.log(error.message),
)
setInterval(() => {}, 60_000)
