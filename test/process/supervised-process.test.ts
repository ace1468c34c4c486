import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { identify } from '../../src/process/inspect/identity.ts'
import type { BeforeExec } from '../../src/process/spawn-gate.ts'
import { type ProcessPlan, SupervisedProcess } from '../../src/process/supervised-process.ts'
import { eventually } from '../support/eventually.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { programArgv, startProgram } from '../support/program.ts'
import { createPlan } from '../support/service-plan.ts'

useCleanState()

async function start(plan: ProcessPlan, beforeExec: BeforeExec = () => {}): Promise<SupervisedProcess> {
  const started = await SupervisedProcess.start(plan, beforeExec)
  onTestFinished(async () => void (await started.stop(AbortSignal.abort())))
  return started
}

test('the output goes to the log, both streams in order', async () => {
  const service = await start(createPlan(['sh', '-c', 'echo one; echo two >&2; echo three']))
  await service.exited
  expect(service.log.tail()).toBe('one\ntwo\nthree')
})

test('the end is told in words', async () => {
  const failing = await start(createPlan(['sh', '-c', 'exit 3']))
  expect([failing.ended, failing.endedHow]).toEqual([undefined, undefined])
  expect(await failing.exited).toEqual({ exitCode: 3, signal: null })
  expect(failing.endedHow).toBe('exit status 3')
})

test('a descendant that holds the output open does not delay the end', async () => {
  const service = await start(createPlan(['sh', '-c', 'sleep 600 & exit 4']))
  expect(await service.exited).toEqual({ exitCode: 4, signal: null })
})

test('it leads a session and a group of its own', async () => {
  const service = await start(createPlan(['sh', '-c', 'cut -d" " -f1,5,6 /proc/$$/stat; exec sleep 600']))
  const { pid } = service.identity
  await eventually('it told', () => service.log.tail() === `${pid} ${pid} ${pid}`)
})

test('a missing program is named with the places searched, and is not announced', async () => {
  const plan = { ...createPlan(['no-such-program']), environment: { PATH: '/bin:/usr/bin' } }
  const missing = start(plan, () => expect.unreachable())
  await expect(missing).rejects.toMatchObject({
    code: 'ERR_MISSING_BINARY',
    message:
      'cannot run "no-such-program": it is in none of the directories of PATH (/bin:/usr/bin); ' +
      'install it, or correct the command',
  })
})

test('a relative program, or directory of PATH, starts at the working directory', async () => {
  const plan = createPlan(['./bin/told', 'one'])
  mkdirSync(join(plan.directory, 'bin'))
  writeFileSync(join(plan.directory, 'bin/told'), '#!/bin/sh\necho "told $1"\n')
  chmodSync(join(plan.directory, 'bin/told'), 0o755)
  const first = await start(plan)
  await first.exited
  const second = await start({ ...plan, argv: ['told', 'two'], environment: { PATH: `bin:${process.env.PATH}` } })
  await second.exited
  expect(second.log.tail()).toBe('told one\ntold two')
})

test('arguments arrive as they are', async () => {
  const hostile = ['$(echo no)', "it's", '"', 'a\nb', '\\', '', '-n', '*']
  const service = await start(createPlan(['printf', '<%s>', ...hostile]))
  await service.exited
  expect(service.log.readFrom(0)).toBe(hostile.map((value) => `<${value}>`).join(''))
})

test('nothing of the environment is handed down but what was asked for', async () => {
  const plan = createPlan(['env'])
  const service = await start(plan)
  await service.exited
  const names = service.log
    .tail()
    .split('\n')
    .map((line) => line.split('=')[0])
  expect(names.filter((name) => name !== 'PWD').sort()).toEqual(['PATH', 'TEST_SERVICES_RUN'])
})

test.runIf(process.getuid?.() === 0)('as root it runs as another user, and is stopped and found as such', async () => {
  const user = { uid: 65_534, gid: 65_534 }
  const plan = createPlan(['sh', '-c', 'sleep 600 & id -u; exec sleep 600'], { user })
  const service = await start({ ...plan, directory: '/' })
  await eventually('it told its user', () => service.log.tail() === '65534')
  const pids = await eventually('the two that stay are seen, without the one that told it', () => {
    service.observe()
    return service.knownPids.length === 2 && service.knownPids
  })
  expect(await service.stop()).toEqual([])
  expect(pids.flatMap((pid) => identify(pid) ?? [])).toEqual([])
})

test('a holder that has no descriptor left for a look lives on, and ends its services', async () => {
  const holder = programArgv('runs-out-of-descriptors.ts')
  const limited = startProgram(['sh', '-c', 'ulimit -n 100; exec "$@"', 'sh', ...holder])
  expect(await limited.line()).toBe('all is ended')
})
