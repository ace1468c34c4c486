import { type ChannelModel, connect } from 'amqplib'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { type RabbitmqClusterService, rabbitmqCluster } from '../../fixtures/rabbitmq-cluster/index.ts'
import { caught } from '../support/caught.ts'
import { useCleanState } from '../support/left-nothing.ts'

useCleanState()

const label = 'RABBITMQ'
/** Three nodes of Erlang share two cores with other tests. */
const limitMs = 120_000
const quorum = { arguments: { 'x-queue-type': 'quorum' } }
let running: RabbitmqClusterService

beforeAll(async () => {
  running = rabbitmqCluster().create({ label })
  await running.setUp()
}, limitMs)
beforeEach(() => running.reset(), limitMs)
afterAll(() => running.cleanUp(), limitMs)

async function client(url = ''): Promise<ChannelModel> {
  const connection = await connect(url)
  connection.on('error', () => {})
  onTestFinished(() => connection.close().catch(() => {}))
  return connection
}

async function send(connection: ChannelModel, text: string): Promise<void> {
  const channel = await connection.createConfirmChannel()
  channel.sendToQueue('orders', Buffer.from(text), { persistent: true })
  await channel.waitForConfirms()
}

async function receive(connection: ChannelModel): Promise<string | undefined> {
  const message = await (await connection.createChannel()).get('orders', { noAck: true })
  return message ? message.content.toString() : undefined
}

test('a quorum queue survives the stop of a node, and a reset removes the queue', { timeout: limitMs }, async () => {
  const { urls } = running.serviceConfig
  const other = await client(urls[1])
  // The node of the client leads the queue; to stop another one calls no election, during which calls fail.
  await (await other.createChannel()).assertQueue('orders', quorum)
  await send(await client(urls[0]), 'one book')
  await running.stopNode(0)
  await running.check()
  expect(await receive(other)).toBe('one book')
  await send(other, 'another book')
  await running.startNode(0)
  expect(await receive(await client(urls[0]))).toBe('another book')
  await running.stopNode(2)
  await running.reset()
  for (const url of urls) {
    const channel = await (await client(url)).createChannel()
    channel.on('error', () => {})
    expect((await caught(channel.checkQueue('orders'))).message).toContain('NOT_FOUND')
  }
})

test('a client that attaches has a virtual host of its own on all nodes', { timeout: limitMs }, async () => {
  const tenant = rabbitmqCluster().create({ label, environment: running.variables })
  onTestFinished(() => tenant.cleanUp())
  await tenant.setUp({ useExisting: true })
  const { vhost, urls } = tenant.serviceConfig
  expect(urls).toHaveLength(3)
  expect(vhost).toMatch(/^tenant-/)
  for (const url of urls) await client(url)
  expect(await caught(tenant.stopNode(0))).toMatchObject({ code: 'ERR_STATE' })
})

test('all nodes together can be restarted, and keep a queue', { timeout: limitMs }, async () => {
  const { urls } = running.serviceConfig
  const connection = await client(urls[0])
  await (await connection.createChannel()).assertQueue('orders', quorum)
  await send(connection, 'one book')
  await running.restart()
  expect(await (await (await client(urls[2])).createChannel()).checkQueue('orders')).toMatchObject({ queue: 'orders' })
})
