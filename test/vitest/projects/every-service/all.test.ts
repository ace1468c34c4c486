import { once } from 'node:events'
import { connect as openSocket } from 'node:net'
import amqp from 'amqplib'
import { Redis } from 'ioredis'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { serviceFixtures } from 'test-services/vitest'
import { test as base, describe, expect } from 'vitest'
import config from './test-services.config.ts'

const test = base.extend(serviceFixtures(config))

/** Each test writes; the second time, nothing of it is left. */
describe.each(['first', 'again'])('%s', () => {
  test('postgres', async ({ postgres }) => {
    const client = new pg.Client(postgres.serviceConfig.url)
    await client.connect()
    await client.query('CREATE TABLE marks AS SELECT * FROM books')
    await client.end()
  })

  test('mariadb', async ({ mariadb }) => {
    const client = await mysql.createConnection(mariadb.serviceConfig.url)
    await client.query('CREATE TABLE marks AS SELECT * FROM books')
    await client.end()
  })

  test('redis', async ({ redis }) => {
    const client = new Redis(redis.serviceConfig.url)
    expect(await client.incr('marks')).toBe(1)
    client.disconnect()
  })

  test('rabbitmq', async ({ rabbitmq }) => {
    const client = await amqp.connect(rabbitmq.serviceConfig.url)
    const channel = await client.createChannel()
    expect(await channel.assertQueue('marks')).toMatchObject({ messageCount: 0 })
    channel.sendToQueue('marks', Buffer.from('mark'))
    await client.close()
  })
})

interface Resettable {
  readonly serviceConfig: { readonly port: number }
  reset(): Promise<void>
}

async function connectAndReset(service: Resettable): Promise<void> {
  await once(openSocket(service.serviceConfig.port, '127.0.0.1').unref(), 'connect')
  await service.reset()
}

test('memcached', ({ memcached }) => connectAndReset(memcached))
test('nats', ({ nats }) => connectAndReset(nats))
test('mosquitto', ({ mosquitto }) => connectAndReset(mosquitto))
test('etcd', ({ etcd }) => connectAndReset(etcd))
test('openldap', ({ openldap }) => connectAndReset(openldap))
test('smtp', ({ smtp }) => connectAndReset(smtp))
