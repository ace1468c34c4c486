import { connect } from 'amqplib'
import getPort from 'get-port'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type RabbitmqConfig, rabbitmq } from '../../fixtures/rabbitmq/index.ts'
import type { ExternalService } from '../../src/fixture.ts'
import { useCleanState } from '../support/left-nothing.ts'

useCleanState()

const label = 'RABBITMQ'
const limitMs = 60_000
const password = String.raw`it's "odd" \ %@:/`
let running: ExternalService<RabbitmqConfig>
let api: string

beforeAll(async () => {
  const port = await getPort()
  api = `http://127.0.0.1:${port}/api`
  const settings = { 'management.tcp.port': port, 'management.tcp.ip': '127.0.0.1' }
  const options = { plugins: ['rabbitmq_management'], settings }
  running = rabbitmq(options).create({ label, profile: { password } })
  await running.setUp({ uniqueInstance: false })
}, limitMs)
afterAll(() => running.cleanUp())

/** Asks the management plugin as the administrator. */
async function manage(method: string, path: string, body?: object): Promise<unknown> {
  const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`
  const headers = { authorization, 'content-type': 'application/json' }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const answer = await fetch(api + path, { method, headers, ...sent })
  expect(answer.ok, `${method} ${path}: ${answer.status}`).toBe(true)
  return method === 'GET' ? answer.json() : undefined
}

const kinds = ['policies', 'operator-policies', 'vhost-limits']

async function makePolicies(vhost: string): Promise<void> {
  const policy = { pattern: '.*', definition: { 'max-length': 1 }, 'apply-to': 'queues' }
  for (const kind of ['policies', 'operator-policies']) await manage('PUT', `/${kind}/${vhost}/short`, policy)
  await manage('PUT', `/vhost-limits/${vhost}/max-queues`, { value: 5 })
}

/** Returns how many policies of each kind a virtual host has. */
async function policies(vhost: string): Promise<number[]> {
  const lists = await Promise.all(kinds.map((kind) => manage('GET', `/${kind}/${vhost}`)))
  return lists.map((list) => (list as unknown[]).length)
}

test('a password of a profile may have any characters', async () => {
  expect(running.serviceConfig.password).toBe(password)
  const connection = await connect(running.serviceConfig.url)
  await connection.close()
  await running.check()
})

test('a reset removes the policies and limits of its own virtual host, and no others', async () => {
  const tenant = rabbitmq().create({ label, environment: running.variables })
  onTestFinished(() => tenant.cleanUp())
  await tenant.setUp({ useExisting: true })
  const { vhost } = tenant.serviceConfig
  for (const each of ['%2F', vhost]) await makePolicies(each)
  await tenant.reset()
  expect(await policies(vhost)).toEqual([0, 0, 0])
  expect(await policies('%2F')).toEqual([1, 1, 1])
  await running.reset()
  expect(await policies('%2F')).toEqual([0, 0, 0])
})

test('messages that a policy would drop are kept after a reset', async () => {
  await makePolicies('%2F')
  await running.reset()
  const connection = await connect(running.serviceConfig.url)
  const channel = await connection.createConfirmChannel()
  await channel.assertQueue('orders')
  for (const text of ['one', 'two']) channel.sendToQueue('orders', Buffer.from(text))
  await channel.waitForConfirms()
  expect(await channel.checkQueue('orders')).toMatchObject({ messageCount: 2 })
  await connection.close()
})
