import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { startSshServer } from '../../support/ssh-server.ts'
import { type Ran, useUserProject } from '../../support/user-project.ts'
import { askRedis, redisAnswer } from '../../support/workflow-machines.ts'

useCleanState()
const { directory, run, start, write } = useUserProject('')

/** Gives another id of the boot from the third time on. */
const fakeCat = '#!/bin/sh\necho x >>calls\n[ "$(wc -l <calls)" -ge 3 ] && echo second || echo first\n'
chmodSync(write('bin/cat', fakeCat), 0o755)

/** For a busy machine. */
const limitMs = 30_000

async function wait(args: object): Promise<Ran> {
  const environment = { PATH: `${directory}/bin:${process.env.PATH}` }
  write(
    'workflow.yaml',
    JSON.stringify({ steps: [{ name: 'wait', uses: 'wait-for-transport', environment, with: args }] }),
  )
  return run(['workflow'])
}

test('waits until the command succeeds', async () => {
  expect(await wait({ command: `echo x >> ${join(directory, 'count')}; [ "$(wc -l < count)" -ge 3 ]` })).toMatchObject({
    code: 0,
  })
})

test('waits for another boot of the machine', async () => {
  expect(await wait({ reboot: 'touch rebooted; exit 255' })).toMatchObject({ code: 0 })
  expect(existsSync(join(directory, 'rebooted'))).toBe(true)
  expect(readFileSync(join(directory, 'calls'), 'utf8')).toBe('x\nx\nx\n')
})

test('ends at its limit, with the last attempt', async () => {
  const { code, stderr } = await wait({ command: 'exit 7', timeout: '1s' })
  expect(code).toBe(1)
  expect(stderr).toMatch(/waiting for the transport \(the last attempt: "exit 7" ended with exit code 7\) took longer/)
})

test('waits for a machine that is down, which then reaches the services again', async () => {
  await using server = await startSshServer()
  const step = (name: string, args: object): object => ({ name, uses: 'wait-for-transport', with: args })
  const steps = [
    { name: 'services', uses: 'services', with: { names: ['redis'] } },
    { name: 'before', run: askRedis },
    { name: 'down', transport: 'initiator', run: 'touch asked; until [ -e down ]; do sleep 0.1; done' },
    step('up', { timeout: '60s' }),
    { name: 'after', run: askRedis },
  ]
  write('machine.yaml', JSON.stringify({ steps }))
  write('machine.config.yaml', JSON.stringify({ transports: { board: { type: 'ssh', ...server.options } } }))
  const { ended } = start(['workflow', 'machine.yaml', '-c', 'machine.config.yaml', '--output', 'board'])
  await eventually('the machine is asked for', () => existsSync(join(directory, 'asked')), limitMs)
  await server.stop()
  write('down', '')
  const failed = /done: true|error:/
  const attempt = join(directory, 'board/004_up/cmd_01.state')
  await eventually(
    'an attempt has failed',
    () => existsSync(attempt) && failed.test(readFileSync(attempt, 'utf8')),
    limitMs,
  )
  await server.start()
  expect(await ended).toMatchObject({ code: 0, stderr: expect.stringContaining('5 passed') })
  for (const step of ['002_before', '005_after'])
    expect(readFileSync(join(directory, 'board', step, 'cmd_01.output'), 'utf8'), step).toBe(redisAnswer)
})
