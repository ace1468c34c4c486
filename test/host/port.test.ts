import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { proposePort } from '../../src/host/port.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { programArgv, startProgram } from '../support/program.ts'

useCleanState()

test('a proposed port is free and below the range of outgoing connections', async () => {
  const port = await proposePort()
  expect(port).toBeGreaterThanOrEqual(10_000)
  expect(port).toBeLessThan(49_152)
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  await new Promise((resolve) => server.close(resolve))
})

test('four processes that claim 50 ports each never get the same one', async () => {
  const programs = Array.from({ length: 4 }, () => startProgram(programArgv('claims-ports.ts', '50')))
  const claimed = await Promise.all(programs.map(async (program) => JSON.parse(await program.line()) as number[]))
  for (const { child } of programs) child.stdin?.end()
  expect([claimed.flat().length, new Set(claimed.flat()).size]).toEqual([200, 200])
})
