import { createHmac } from 'node:crypto'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import { Objm } from '@nats-io/obj'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import type { NatsConfig } from '../../fixtures/nats/index.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { installedTesting, installedUrl, register } from './register.ts'

useCleanState()

const { fixtureContract } = await installedTesting()
const fixture = installedUrl('fixtures/nats')
const { nats }: typeof import('../../fixtures/nats/index.ts') = await import(fixture)

interface Service {
  readonly serviceConfig: NatsConfig
}

/** Returns a hook that uses a connection of its own. */
function using<T>(use: (connection: NatsConnection) => Promise<T>): (service: Service) => Promise<T> {
  return async ({ serviceConfig: { host, port, user, password: pass } }) => {
    const connection = await connect({ servers: `${host}:${port}`, user, pass, reconnect: false })
    return use(connection).finally(() => connection.close())
  }
}

const addStream = using(async (connection) => {
  const { streams, consumers } = await jetstreamManager(connection)
  await streams.add({ name: 'orders', subjects: ['orders.*'] })
  await consumers.add('orders', { durable_name: 'shop' })
  await jetstream(connection).publish('orders.new', 'one book')
})

const read = using(async (connection) => {
  const { streams } = await jetstreamManager(connection)
  return (await streams.names().next()).sort()
})

const putKey = using(async (connection) => {
  const bucket = await new Kvm(connection).create('bucket')
  await bucket.put('key', 'value')
})

/** Lists the accounts in use, as the user `registry`, whose password is derived from the first user's. */
async function tenants({ serviceConfig: config }: Service): Promise<string[]> {
  const password = `p${createHmac('sha256', config.password).update('registry').digest('hex')}`
  const list = using(async (connection) => {
    const { streams } = await jetstreamManager(connection)
    if ((await streams.names().next()).length === 0) return []
    const { state } = await streams.info('TENANTS', { subjects_filter: '>' })
    return Object.keys(state.subjects ?? {})
  })
  return list({ serviceConfig: { ...config, user: 'registry', password } })
}

register(
  fixtureContract(nats(), {
    module: { url: fixture, name: 'nats' },
    write: addStream,
    read,
    tenants,
    dirt: {
      'a stream with a consumer and a message': addStream,
      'a key-value bucket': putKey,
      'an object store': using(async (connection) => {
        await (await new Objm(connection).create('files')).putBlob({ name: 'file' }, Buffer.alloc(300_000))
      }),
      'a stream in memory, and 50 buckets': using(async (connection) => {
        const { streams } = await jetstreamManager(connection)
        await streams.add({ name: 'quick', subjects: ['quick.*'], storage: 'memory' })
        for (let index = 0; index < 50; index++) await new Kvm(connection).create(`bucket-${index}`)
      }),
    },
    isPristine: async (service) => (await read(service)).length === 0,
  }),
)
