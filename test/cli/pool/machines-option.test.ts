import { expect, test } from 'vitest'
import { parseMachines } from '../../../src/cli/pool/machines-option.ts'

test('machines of every kind are parsed, with their numbers', () => {
  expect(parseMachines('local=4, ssh://me@host:2222=2,ssh://[::1],container:redis:7=3')).toEqual([
    { kind: 'local', slots: 4 },
    { kind: 'ssh', host: 'host', port: 2222, user: 'me', slots: 2 },
    { kind: 'ssh', host: '::1', slots: 1 },
    { kind: 'container', image: 'redis:7', slots: 3 },
  ])
})

test.each([
  ['local=0', 'expected at least 1 machine'],
  ['lokal=2', 'expected local=4'],
  ['', 'expected local=4'],
  ['ssh://', 'expected local=4'],
  ['ssh://host/path', 'expected local=4'],
  ['container:', 'expected local=4'],
  ['ssh://me:secret@host', 'a password in the address of host is not used; use a key'],
])('refuses "%s", and says what is expected', (text, message) => {
  expect(() => parseMachines(text)).toThrow(
    expect.objectContaining({ code: 'ERR_USAGE', message: expect.stringContaining(message) }),
  )
})
