import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { isEnding } from '../../../src/process/inspect/ending.ts'

test.runIf(process.platform === 'linux')(
  'a process that SIGKILL has been sent to is ending, or has ended',
  async () => {
    const child = spawn('sleep', ['60'])
    const exited = once(child, 'exit')
    const pid = child.pid ?? -1
    expect(isEnding(pid)).toBe(false)
    process.kill(pid, 'SIGKILL')
    const seen = isEnding(pid) || (await exited)[1] === 'SIGKILL'
    expect(seen).toBe(true)
    await exited
  },
)

test('this process is not ending, and one that is gone is not either', () => {
  expect([process.pid, 4_194_305].map(isEnding)).toEqual([false, false])
})
