// Unique instances of the other services, one after the other: setUp, two resets, cleanUp.
import amqplib from 'amqplib'
import { Redis } from 'ioredis'
import memjs from 'memjs'
import mqtt from 'mqtt'
import mysql from 'mysql2/promise'
import { createTransport } from 'nodemailer'
import { answer, timed } from './answer.mjs'

/** What a test writes, through the client that people use. Keys, rows or messages; nothing where none is named. */
const writes = {
  redis: async ({ url }) => {
    const client = new Redis(url)
    await client.mset(Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`key ${index}`, 'value'])))
    client.disconnect()
  },
  memcached: async ({ host, port }) => {
    const client = memjs.Client.create(`${host}:${port}`)
    await client.set('key', 'value', {})
    client.close()
  },
  mosquitto: async ({ url }) => {
    const client = await mqtt.connectAsync(url)
    for (let index = 0; index < 10; index++)
      await client.publishAsync(`topic/${index}`, 'text', { retain: true, qos: 1 })
    await client.endAsync()
  },
  mariadb: async ({ url }) => {
    const client = await mysql.createConnection(url)
    for (const table of ['one', 'two', 'three']) await client.query(`INSERT INTO ${table} VALUES (1), (2)`)
    await client.end()
  },
  rabbitmq: async ({ url }) => {
    const connection = await amqplib.connect(url)
    const channel = await connection.createConfirmChannel()
    for (const queue of ['one', 'two', 'three']) {
      await channel.assertQueue(queue)
      channel.sendToQueue(queue, Buffer.from('text'))
    }
    await channel.waitForConfirms()
    await connection.close()
  },
  smtp: async ({ url }) => {
    const transport = createTransport(url)
    await transport.sendMail({ from: 'a@example.com', to: 'b@example.com', subject: 'Hello', text: 'Hello' })
    transport.close()
  },
}

const options = {
  mariadb: { template: { files: ['tables.sql'] } },
}

answer({
  round: async (name) => {
    const module = await import(`test-services/fixtures/${name}`)
    const service = module[name](options[name]).create({ label: 'BENCH' })
    const startMs = await timed(() => service.setUp())
    try {
      await service.reset()
      const idleMs = await timed(() => service.reset())
      await writes[name]?.(service.serviceConfig)
      const resetMs = await timed(() => service.reset())
      return { startMs, idleMs, resetMs, stopMs: await timed(() => service.cleanUp()) }
    } finally {
      await service.cleanUp()
    }
  },
})
