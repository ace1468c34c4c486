import { connect } from 'amqplib'
import { useCleanState } from '../support/left-nothing.ts'
import { fill, read, tenants, using, write } from '../support/rabbitmq-hooks.ts'
import { installedTesting, installedUrl, register } from './register.ts'

useCleanState()

const { fixtureContract } = await installedTesting()
const fixture = installedUrl('fixtures/rabbitmq')
const { rabbitmq }: typeof import('../../fixtures/rabbitmq/index.ts') = await import(fixture)

register(
  fixtureContract(rabbitmq(), {
    module: { url: fixture, name: 'rabbitmq' },
    write,
    read,
    tenants,
    dirt: {
      'a queue with messages': write,
      'an exchange with a binding': using(async (channel) => {
        await channel.assertExchange('orders', 'topic')
        await channel.assertQueue('orders')
        await channel.bindQueue('orders', 'orders', '#')
      }),
      'quorum queues and streams': using(async (channel) => {
        await channel.assertQueue('quorum', { arguments: { 'x-queue-type': 'quorum' } })
        await channel.assertQueue('stream', { arguments: { 'x-queue-type': 'stream' } })
        await fill(channel, 'quorum')
      }),
      'a consumer that holds a message': async ({ serviceConfig: { url } }) => {
        const connection = await connect(url)
        connection.on('error', () => {})
        const channel = await connection.createConfirmChannel()
        await channel.assertQueue('orders')
        await fill(channel, 'orders')
        await new Promise((resolve) => channel.consume('orders', resolve))
      },
      '20 queues': using(async (channel) => {
        for (let index = 0; index < 20; index++) await channel.assertQueue(`queue-${index}`)
      }),
    },
    isPristine: async (service) => (await read(service)).length === 0,
  }),
)
