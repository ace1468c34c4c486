import { once } from 'node:events'
import { expect, test } from 'vitest'
import { memcached } from '../../fixtures/memcached/index.ts'
import { redis } from '../../fixtures/redis/index.ts'
import { defineService, ExternalService, type ServiceDefinition } from '../../src/fixture.ts'
import { start } from '../../src/index.ts'
import { Session } from '../../src/session.ts'
import { caught } from '../support/caught.ts'
import { useCleanState } from '../support/left-nothing.ts'

useCleanState()

class Notes extends ExternalService<{ url: string }> {
  protected async onStart(): Promise<{ url: string }> {
    return { url: 'notes:' }
  }

  protected async onCheck(): Promise<void> {}

  protected async onReset(): Promise<void> {}

  protected configFromVariables(): { url: string } {
    return { url: 'notes:' }
  }
}

function notes(neededFor: 'start' | 'reset'): ServiceDefinition {
  const client = { name: 'absent-library', neededFor }
  return defineService({ kind: 'notes', client, create: (init) => new Notes(init) })
}

/** Enters services; returns the events, and the error. */
async function enter(services: Record<string, ServiceDefinition>, options: object = {}) {
  const events: unknown[] = []
  const onEvent = (event: object): void => {
    if ('service' in event) events.push(event)
  }
  const session = new Session({ services, onEvent, ...options })
  const error = await session.enter().catch((thrown) => thrown)
  await session.end()
  return { events, error }
}

test('a start names all that is missing, and one command, before it starts anything', async () => {
  const { events, error } = await enter({
    notes: notes('reset'),
    cache: redis({ binaries: '/nowhere/redis-server' }),
    pages: memcached({ binaries: '/nowhere/memcached' }),
    letters: notes('start'),
  })
  expect(error).toMatchObject({ code: 'ERR_MISSING_BINARY' })
  expect(error.message).toBe(
    `nothing was started, since 3 things are missing:
  CACHE: no Redis was found: installed: redis-server is not at /nowhere/redis-server, as "binaries" says
  PAGES: no Memcached was found: installed: memcached is not at /nowhere/memcached, as "binaries" says
  LETTERS: the client library absent-library is not installed
to install: apt-get install redis-server memcached, or brew install redis memcached; npm install --save-dev absent-library`,
  )
  expect(events).toEqual([])
})

test('a start looks for the servers that a profile names', async () => {
  const profile = { cache: { binaries: '/nowhere/redis-server' } }
  const { events, error } = await enter({ notes: notes('reset'), cache: redis() }, { profile })
  expect(error.message).toContain('CACHE cannot be started: no Redis was found:')
  expect(events).toEqual([])
})

test('a service whose version is wrong keeps its own advice among others', async () => {
  const services = { cache: redis({ version: '>=99' }), letters: notes('start') }
  const error = await caught(start({ services }))
  expect(error.message).toMatch(
    /^ {2}CACHE: no Redis >=99 was found:\n {6}installed: .*\n(.*\n)* {6}to get this version: /m,
  )
  expect(error.message).toContain(
    '\n  LETTERS: the client library absent-library is not installed\nto install: npm install --save-dev absent-library',
  )
})

test('a service that is ready says that a reset needs a client library', async () => {
  const { events } = await enter({ notes: notes('reset') })
  expect(events).toContainEqual(
    expect.objectContaining({
      kind: 'ready',
      warning:
        'cannot be reset: the client library absent-library is not installed: npm install --save-dev absent-library',
    }),
  )
})

test('start warns of a library that only a reset needs', async () => {
  const warned = once(process, 'warning')
  await using _stack = await start({ services: { notes: notes('reset') } })
  const [{ message }] = await warned
  expect(message).toMatch(/^test-services: notes cannot be reset: the client library absent-library is not installed/)
})

test('doctor finds a library that only a reset needs no obstacle', async () => {
  const asked = ['start', 'reset'] as const
  const [forStart, forReset] = await Promise.all(asked.map((neededFor) => notes(neededFor).diagnose?.('/')))
  const missing = 'the client library absent-library is not installed: npm install --save-dev absent-library'
  expect(forStart).toEqual({ facts: [], problem: missing, packages: ['absent-library'] })
  expect(forReset).toEqual({ facts: [`cannot be reset: ${missing}`] })
})
