import { type Channel, type ChannelModel, type ConfirmChannel, connect } from 'amqplib'
import type { RabbitmqConfig } from '../../fixtures/rabbitmq/index.ts'

export interface Service {
  readonly serviceConfig: RabbitmqConfig
}

/** Returns a hook that uses a connection of its own. */
export function using<T>(
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

/** Lists what is there. AMQP cannot: each name is looked for over a channel of its own, which an unknown name closes. */
export const read = using(async (_, connection) => {
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

/** Fills a queue with 100 messages. */
export async function fill(channel: ConfirmChannel, queue: string): Promise<void> {
  for (let index = 0; index < 100; index++) channel.sendToQueue(queue, Buffer.alloc(1000), { persistent: true })
  await channel.waitForConfirms()
}

export const write = using(async (channel) => {
  await channel.assertQueue('written')
  await fill(channel, 'written')
})

/** Lists the virtual hosts besides the first one. */
export async function tenants({ serviceConfig: { controlUrl, user, password } }: Service): Promise<string[]> {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const answer = await fetch(`${controlUrl}/tenants`, { headers: { authorization } })
  return (await answer.json()) as string[]
}
