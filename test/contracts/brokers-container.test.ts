import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect as connectNats } from '@nats-io/transport-node'
import { connectAsync } from 'mqtt'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import type { ExternalService } from '../../src/fixture.ts'
import { caught } from '../support/caught.ts'
import { useTestEngine } from '../support/container-engine.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { installedUrl } from './register.ts'

useCleanState()

const images = { nats: 'localhost/nats:2', mosquitto: 'localhost/mosquitto:2', kafka: 'localhost/kafka:4' } as const

/** Scripts that print how they are called: Kafka cannot be installed here. */
const kafkaScripts = mkdtempSync(join(tmpdir(), 'ts-kafka-'))
afterAll(() => rmSync(kafkaScripts, { recursive: true }))
const kafkaPrograms = {
  'kafka-storage.sh': 'echo "storage $*"',
  'kafka-server-start.sh': 'echo "start $*"; cat "$1"; echo "heap $KAFKA_HEAP_OPTS, Java $JAVA_HOME"; exit 3',
}
for (const [name, text] of Object.entries(kafkaPrograms))
  writeFileSync(join(kafkaScripts, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })

const engine = useTestEngine({
  [images.nats]: { programs: ['/usr/sbin/nats-server'] },
  [images.mosquitto]: { programs: ['/usr/sbin/mosquitto'] },
  [images.kafka]: {
    programs: ['/bin/sh', '/bin/cat'],
    files: [kafkaScripts],
    moved: { [kafkaScripts]: '/opt/kafka/bin' },
    changes: ['ENV PATH=/bin', 'ENV JAVA_HOME=/opt/java'],
  },
})
const { kafka }: typeof import('../../fixtures/kafka/index.ts') = await import(installedUrl('fixtures/kafka'))
const { nats }: typeof import('../../fixtures/nats/index.ts') = await import(installedUrl('fixtures/nats'))
const { mosquitto }: typeof import('../../fixtures/mosquitto/index.ts') = await import(
  installedUrl('fixtures/mosquitto')
)

async function started<S extends ExternalService<object>>(service: S): Promise<S> {
  onTestFinished(() => service.cleanUp())
  await service.setUp()
  return service
}

test('NATS from an image has tenants, and loses its streams by a reset', async () => {
  const service = await started(nats({ image: images.nats }).create({ label: 'NATS' }))
  const tenant = nats().create({ label: 'NATS', environment: service.variables })
  onTestFinished(() => tenant.cleanUp())
  await tenant.setUp({ useExisting: true })
  for (const each of [service, tenant]) {
    const { host, port, user, password: pass } = each.serviceConfig
    const connection = await connectNats({ servers: `${host}:${port}`, user, pass, reconnect: false })
    const { streams } = await jetstreamManager(connection)
    await streams.add({ name: 'orders', subjects: ['orders.*'] })
    await each.reset()
    expect(await streams.names().next()).toEqual([])
    await connection.close()
  }
})

test('mosquitto from an image loses sessions and retained messages by a reset', async () => {
  const service = await started(mosquitto({ image: images.mosquitto }).create({ label: 'MQTT' }))
  const { url } = service.serviceConfig
  const options = { reconnectPeriod: 0, clientId: 'away', clean: false } as const
  const client = await connectAsync(url, options, false)
  await client.subscribeAsync('lamps/+', { qos: 1 })
  await client.publishAsync('lamps/hall', 'on', { qos: 1, retain: true })
  await client.endAsync()
  await service.reset()
  const back = await connectAsync(url, options, false)
  const topics: string[] = []
  const ended = new Promise<void>((resolve) => {
    back.on('message', (topic) => (topic === 'end' ? resolve() : topics.push(topic)))
  })
  // A session that is left would deliver messages to the topics of before.
  await back.publishAsync('lamps/hall', 'on', { qos: 1 })
  await back.subscribeAsync('end')
  await back.publishAsync('end', '')
  await ended
  expect(topics).toEqual([])
  await back.endAsync()
})

test('Kafka from an image prepares its data, then starts', async () => {
  const service = kafka({ image: images.kafka, version: 4 }).create({ label: 'KAFKA' })
  const error = await caught(service.setUp())
  expect(error).toMatchObject({ code: 'ERR_START' })
  expect(error.message).toContain('ended with exit status 3 while starting, before metadata of the cluster')
  const [format = '', start, ...rest] = readFileSync(/whole log: (\S+)/.exec(error.message)?.[1] ?? '', 'utf8').split(
    '\n',
  )
  const [, file] = /^storage format --ignore-formatted --cluster-id \w[\w-]{21} --config (\S+)$/.exec(format) ?? []
  expect(start).toBe(`start ${file}`)
  const properties = rest.join('\n')
  expect(properties).toMatch(/^listeners=PLAINTEXT:\/\/0\.0\.0\.0:\d+,CONTROLLER:\/\/127\.0\.0\.1:\d+$/m)
  expect(properties).toMatch(/^advertised\.listeners=PLAINTEXT:\/\/127\.0\.0\.1:\d+$/m)
  expect(properties).toContain('heap -Xms128m -Xmx512m, Java /opt/java')
})

test('no container is left', async () => {
  expect(await engine.containers()).toEqual([])
})
