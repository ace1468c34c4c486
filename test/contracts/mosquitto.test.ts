import { connect, connectAsync, type MqttClient } from 'mqtt'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { MosquittoConfig } from '../../fixtures/mosquitto/index.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { installedTesting, installedUrl, register, withoutTenants } from './register.ts'

useCleanState()

const { fixtureContract } = await installedTesting()
const fixture = installedUrl('fixtures/mosquitto')
const { mosquitto }: typeof import('../../fixtures/mosquitto/index.ts') = await import(fixture)

interface Service {
  readonly serviceConfig: MosquittoConfig
}

const away = { clientId: 'away', clean: false } as const

/** Returns a hook that uses a connection of its own. */
function using(use: (client: MqttClient) => Promise<unknown>, options = {}): (service: Service) => Promise<void> {
  return async ({ serviceConfig }) => {
    const client = await connectAsync(serviceConfig.url, { reconnectPeriod: 0, ...options }, false)
    await use(client).finally(() => client.endAsync())
  }
}

const writeMessage = using((client) => client.publishAsync('lamps/hall', 'on', { qos: 1, retain: true }))
const leaveSession = using((client) => client.subscribeAsync('lamps/#', { qos: 1 }), away)

/** Returns the topics of retained messages. */
async function read({ serviceConfig }: Service): Promise<string[]> {
  const client = await connectAsync(serviceConfig.url, { reconnectPeriod: 0 }, false)
  const topics: string[] = []
  const ended = new Promise<void>((resolve) => {
    client.on('message', (topic) => (topic === 'end' ? resolve() : topics.push(topic)))
  })
  await client.subscribeAsync('#')
  await client.publishAsync('end', '')
  await ended
  await client.endAsync()
  return topics.sort()
}

/** Tells whether the broker has a session of the client, and leaves none that was not there. */
async function hasSession(service: Service): Promise<boolean> {
  const client = connect(service.serviceConfig.url, { reconnectPeriod: 0, ...away })
  const isPresent = await new Promise<boolean>((resolve) => {
    client.once('connect', ({ sessionPresent }) => resolve(sessionPresent))
  })
  await client.endAsync()
  if (!isPresent) await using(async () => {}, { ...away, clean: true })(service)
  return isPresent
}

const brokers = [
  ['mosquitto', mosquitto({ from: 'installed' }), 'mosquitto'],
  ['aedes', mosquitto({ from: 'npm' }), undefined],
] as const

describe.each(brokers)('%s', (_name, definition, exported) => {
  register(
    fixtureContract(definition, {
      ...(exported && { module: { url: fixture, name: exported } }),
      write: writeMessage,
      read,
      dirt: {
        'a retained message': writeMessage,
        'a session': leaveSession,
        'a session with a message that waits': async (service) => {
          await leaveSession(service)
          await writeMessage(service)
        },
        'many retained messages, and sessions': async (service) => {
          await using(async (client) => {
            for (let index = 0; index < 2_000; index++) client.publish(`lamps/${index}`, 'on', { retain: true })
            await client.publishAsync('lamps/last', 'on', { qos: 1, retain: true })
          })(service)
          for (const clientId of ['one', 'two', 'away'])
            await using((client) => client.subscribeAsync('#'), { ...away, clientId })(service)
        },
      },
      isPristine: async (service) => (await read(service)).length === 0 && !(await hasSession(service)),
    }),
    exported
      ? withoutTenants
      : [
          ...withoutTenants,
          'an instance runs without HOME, below paths with a space and a quote',
          'a killed holder leaves nothing',
        ],
  )
})

test('aedes lets a client in without a password if it is told to', async () => {
  const service = mosquitto({ from: 'npm', allowAnonymous: true }).create({ label: 'OPEN' })
  onTestFinished(() => service.cleanUp())
  await service.setUp()
  const client = await connectAsync(`mqtt://127.0.0.1:${service.serviceConfig.port}`, { reconnectPeriod: 0 }, false)
  expect(client.connected).toBe(true)
  await client.endAsync()
})
