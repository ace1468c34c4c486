import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { startSshServer } from './ssh-server.ts'

test('OpenSSH logs into the server of a test, also after it was started again', async () => {
  await using server = await startSshServer()
  const log = (): string =>
    execFileSync('ssh', [...server.clientOptions, server.options.host, 'echo', 'hello'], {
      encoding: 'utf8',
      stdio: 'pipe',
    })
  const outputs = [log()]
  await server.stop()
  expect(log).toThrow('Connection refused')
  await server.start()
  outputs.push(log())
  expect(outputs).toEqual(['hello\n', 'hello\n'])
})
