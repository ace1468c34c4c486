// Services that `doctor` asks; all but `redis` and `api` ask for a server that is not there.
import { command, defineConfig } from 'test-services'
import { etcdCluster } from 'test-services/fixtures/etcd-cluster'
import { postgres } from 'test-services/fixtures/postgres'
import { redis } from 'test-services/fixtures/redis'

export default defineConfig({
  services: {
    redis: redis(),
    cache: redis({ version: '>=99' }),
    bin: redis({ binaries: './nowhere' }),
    db: postgres({ version: 9 }),
    cluster: etcdCluster({ version: 99 }),
    api: command({ command: ['node'] }),
  },
})
