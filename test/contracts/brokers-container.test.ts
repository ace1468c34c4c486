import { jetstreamManager } from '@nats-io/jetstream'
import { connect as connectNats } from '@nats-io/transport-node'
import { connectAsync } from 'mqtt'
import { expect, onTestFinished, test } from 'vitest'
import type { ExternalService } from '../../src/fixture.ts'
import { useTestEngine } from '../support/container-engine.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { installedUrl } from './register.ts'

useCleanState()

const images = { nats: 'localhost/nats:2', mosquitto: 'localhost/mosquitto:2' } as const
const engine = useTestEngine({
  [images.nats]: { programs: ['/usr/sbin/nats-server'] },
  [images.mosquitto]: { programs: ['/usr/sbin/mosquitto'] },
})
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

test('no container is left', async () => {
  expect(await engine.containers()).toEqual([])
})
