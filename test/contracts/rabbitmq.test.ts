import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { type Channel, type ChannelModel, type ConfirmChannel, connect } from 'amqplib'
import { expect, onTestFinished, test } from 'vitest'
import type { RabbitmqConfig } from '../../fixtures/rabbitmq/index.ts'
import { caught } from '../support/caught.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { installedTesting, installedUrl, register } from './register.ts'

useCleanState()

const { fixtureContract } = await installedTesting()
const fixture = installedUrl('fixtures/rabbitmq')
const { rabbitmq }: typeof import('../../fixtures/rabbitmq/index.ts') = await import(fixture)

interface Service {
  readonly serviceConfig: RabbitmqConfig
}

/** Returns a hook that uses a connection of its own. */
function using<T>(
  use: (channel: ConfirmChannel, connection: ChannelModel) => Promise<T>,
): (service: Service) => Promise<T> {
  return async ({ serviceConfig: { url } }) => {
    const connection = await connect(url)
    connection.on('error', () => {})
    const channel = await connection.createConfirmChannel()
    channel.on('error', () => {})
    return use(channel, connection).finally(() => connection.close())
  }
}

const queues = ['written', 'orders', 'quorum', 'stream', 'queue-0', 'queue-19']

/** AMQP cannot list: each name is looked for over a channel of its own, which an unknown name closes. */
const read = using(async (_, connection) => {
  const ask = async <T>(question: (channel: Channel) => Promise<T>): Promise<T | undefined> => {
    const channel = await connection.createChannel()
    channel.on('error', () => {})
    return question(channel).catch(() => undefined)
  }
  const found = await Promise.all([
    ...queues.map((name) => ask((channel) => channel.checkQueue(name))),
    ask((channel) => channel.checkExchange('orders')),
  ])
  return found.filter((each) => each !== undefined)
})

async function fill(channel: ConfirmChannel, queue: string): Promise<void> {
  for (let index = 0; index < 100; index++) channel.sendToQueue(queue, Buffer.alloc(1000), { persistent: true })
  await channel.waitForConfirms()
}

const write = using(async (channel) => {
  await channel.assertQueue('written')
  await fill(channel, 'written')
})

/** Lists the virtual hosts besides the first one. */
async function tenants({ serviceConfig: { controlUrl, user, password } }: Service): Promise<string[]> {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const answer = await fetch(`${controlUrl}/tenants`, { headers: { authorization } })
  return (await answer.json()) as string[]
}

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

test('a port that is taken is an error that names the port', { timeout: 60_000 }, async () => {
  const listening = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void listening.close())
  await once(listening, 'listening')
  const { port } = listening.address() as AddressInfo
  const service = rabbitmq().create({ label: 'RABBITMQ', profile: { port } })
  onTestFinished(() => service.cleanUp())
  const error = await caught(service.setUp({ uniqueInstance: false }))
  expect(error).toMatchObject({ code: 'ERR_PORT_TAKEN' })
  expect(error.message).toContain(`port ${port} is already in use`)
})
