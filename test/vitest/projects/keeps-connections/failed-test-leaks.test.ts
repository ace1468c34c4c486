import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { expect } from 'vitest'
import { test } from './test.ts'

let client: pg.Client

test('leaks', async ({ db }) => {
  client = new pg.Client(db.serviceConfig.url)
  await client.connect()
  await client.query('BEGIN')
  await client.query('SELECT 1')
  expect(1).toBe(2)
  await client.end()
})

test('is innocent', async ({ db: _ }) => {
  // No event tells of it: a client whose error nobody handles emits no other.
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
  while (!stream.destroyed) await pause(5)
})
