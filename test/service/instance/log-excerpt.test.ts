import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CommandConfig, command, type ExternalService } from '../../../src/index.ts'
import { logPositionOf, logSince } from '../../../src/service/instance/log-excerpt.ts'
import { eventually } from '../../support/eventually.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { program } from '../../support/programs.ts'

useCleanState()

const definition = command({ command: program('logs-requests') })
const password = 'nobody-sees-this'
const needs = { db: { url: `postgres://user:${password}@127.0.0.1:1/db` } }
const server = definition.create({ label: 'SERVER' })

beforeAll(async () => {
  await server.setUp({ needs })
  // Its port may answer before it has written this line.
  await eventually('the server has said that it listens', () => server.log.readFrom(0).includes('listening'))
})
afterAll(() => server.cleanUp())

async function say(text: string, service: ExternalService<CommandConfig> = server): Promise<void> {
  const answer = await fetch(service.serviceConfig.url, { method: 'POST', body: text })
  await answer.text()
}

describe('the log of a service since a mark', () => {
  test('is what it said after it, and each mark has a slice of its own', async () => {
    const first = logPositionOf(server)
    await say('one\n')
    const second = logPositionOf(server)
    await say('two\n')
    expect([first, second, logPositionOf(server)].map((mark) => logSince(server, mark))).toEqual([
      'one\ntwo\n',
      'two\n',
      '',
    ])
  })

  test('does not show secrets, those of what it needs neither', async () => {
    const mark = logPositionOf(server)
    await say(`connecting to ${needs.db.url}\n`)
    expect(logSince(server, mark)).toBe('connecting to postgres://user:********@127.0.0.1:1/db\n')
  })

  test('does not show an attached client the secrets of what else is declared', async () => {
    const environment = { ...server.variables, LP_DB_URL: needs.db.url }
    await using attached = definition.create({ label: 'SERVER', environment })
    await attached.setUp({ useExisting: true })
    const mark = logPositionOf(attached)
    await say(`${password}\n`)
    expect(logSince(attached, mark)).toBe('********\n')
  })

  test('is at most its last 16 KiB, in whole lines, after a line about the rest', async () => {
    const mark = logPositionOf(server)
    await say(Array.from({ length: 10_000 }, (_, index) => `line ${index}\n`).join(''))
    const [head, first, ...others] = logSince(server, mark).split('\n')
    expect(head).toBe(`… 81 KiB before this are left out; they are in ${server.log.path}`)
    expect(first).toMatch(/^line \d+$/)
    expect(others.slice(-2)).toEqual(['line 9999', ''])
    expect(others.join('\n').length).toBeLessThan(16 * 1024)
  })

  test('is the end of a line that is longer than that, and of more than a mebibyte', async () => {
    const mark = logPositionOf(server)
    await say('x'.repeat(3 * 1024 * 1024))
    const [head, shown, ...others] = logSince(server, mark).split('\n')
    expect(head).toContain('… 3056 KiB before this')
    expect(shown).toBe('x'.repeat(16 * 1024))
    expect(others).toEqual([])
    await say('\n')
  })

  test('is read by an attached client in the log of the running instance', async () => {
    await using attached = definition.create({ label: 'SERVER', environment: server.variables })
    await attached.setUp({ useExisting: true })
    const mark = logPositionOf(attached)
    await say('seen\n')
    expect(logSince(attached, mark)).toBe('seen\n')
  })

  test('is nothing where the log is not known, and of a service that is down', async () => {
    const down = definition.create({ label: 'SERVER', environment: { LP_SERVER_URL: server.serviceConfig.url } })
    const mark = logPositionOf(down)
    expect(logSince(down, mark)).toBe('')
    await using attached = down
    await attached.setUp({ useExisting: true })
    await say('unseen\n')
    expect(logSince(attached, mark)).toBe('')
    expect(logSince(attached, logPositionOf(attached))).toBe('')
  })

  test('is all of it when the service was set up anew, and nothing when the log is gone', async () => {
    await using own = definition.create({ label: 'OWN' })
    await own.setUp()
    await say('before, and long enough to be a mark beyond what follows\n', own)
    const mark = logPositionOf(own)
    await own.cleanUp()
    await own.setUp()
    await say('after\n', own)
    expect(logSince(own, mark)).toBe('listening\nafter\n')
    rmSync(own.log.path)
    expect(logSince(own, mark)).toBe('')
  })
})

test('a service keeps nothing of a failed test, unless it says so', async () => {
  expect(await server.keepFailure('a test')).toBeUndefined()
})
