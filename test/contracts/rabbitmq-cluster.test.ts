import { useCleanState } from '../support/left-nothing.ts'
import { fill, read, tenants, using, write } from '../support/rabbitmq-hooks.ts'
import { installedTesting, installedUrl, register, withoutProcess } from './register.ts'

useCleanState()

const { fixtureContract } = await installedTesting()
const fixture = installedUrl('fixtures/rabbitmq-cluster')
const { rabbitmqCluster }: typeof import('../../fixtures/rabbitmq-cluster/index.ts') = await import(fixture)

register(
  fixtureContract(rabbitmqCluster(), {
    module: { url: fixture, name: 'rabbitmqCluster' },
    hasProcess: false,
    timeoutMs: 60_000,
    write,
    read,
    tenants,
    dirt: {
      'quorum queues and streams': using(async (channel) => {
        await channel.assertQueue('quorum', { arguments: { 'x-queue-type': 'quorum' } })
        await channel.assertQueue('stream', { arguments: { 'x-queue-type': 'stream' } })
        await fill(channel, 'quorum')
      }),
    },
    isPristine: async (service) => (await read(service)).length === 0,
  }),
  withoutProcess,
)
