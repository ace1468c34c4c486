import pg from 'pg'
import { useService } from 'test-services/vitest'
import { afterEach, describe, test as plain } from 'vitest'
import { createSignal } from '../support.ts'
import { config, test } from './test.ts'

interface Database {
  readonly serviceConfig: { readonly url: string }
}

async function open(db: Database, name?: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: db.serviceConfig.url, application_name: name })
  client.on('error', () => {})
  await client.connect()
  return client
}

const withClient = test.extend<{ client: pg.Client }>({
  client: async ({ db }, use) => {
    const client = await open(db)
    await use(client)
    await client.end()
  },
})

withClient('closes in a fixture', async ({ client }) => {
  await client.query('SELECT 1')
})

test('closes in a hook', async ({ db, onTestFinished }) => {
  const client = await open(db)
  onTestFinished(() => client.end())
})

test('is closing', async ({ db }) => {
  const client = await open(db)
  void client.end()
})

describe('side by side', () => {
  const begun = createSignal()
  const connected = createSignal()

  test.concurrent('goes on for longer than a reset waits', async ({ db }) => {
    await begun.given
    const client = await open(db)
    connected.give()
    await client.query('SELECT pg_sleep(0.5)')
    await client.end()
  })

  test.concurrent('ends', async ({ db: _ }) => {
    begun.give()
    await connected.given
  })
})

describe('a hook', () => {
  const db = useService(config.services.db)
  let client: pg.Client

  afterEach(() => client.end())

  plain('closes after each', async () => {
    client = await open(db)
  })
})

describe('the last', () => {
  const own = useService(config.services.db, { instance: 'unique' })

  plain('kills it', () => {
    process.kill(own.pid ?? 0, 'SIGKILL')
  })
})

test('leaks', async ({ db }) => {
  const client = await open(db, 'leaky')
  await client.query('SELECT 42')
})
