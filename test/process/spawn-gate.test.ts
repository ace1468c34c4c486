import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sleep } from '../../src/kernel/deadline.ts'
import { isAlive } from '../../src/process/inspect/identity.ts'
import { type GatedCommand, spawnGated } from '../../src/process/spawn-gate.ts'
import { eventually } from '../support/eventually.ts'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { programArgv, startProgram } from '../support/program.ts'

const { stateDirectory } = useCleanState()

function gated(script: string, changes: Partial<GatedCommand> = {}): GatedCommand {
  const environment = { PATH: process.env.PATH ?? '' }
  return {
    argv: ['sh', '-c', script],
    environment,
    directory: stateDirectory,
    stdout: 'pipe',
    stderr: 'pipe',
    ...changes,
  }
}

async function outputOf(command: GatedCommand): Promise<string> {
  const { child, exited } = await spawnGated(command, () => {})
  const chunks = await child.stdout?.toArray()
  await exited
  return Buffer.concat(chunks ?? []).toString()
}

test('the command begins after it was announced, with the announced pid', async () => {
  const calls: string[] = []
  const file = join(stateDirectory, 'begun')
  const { identity, exited } = await spawnGated(gated(`echo $$ > ${file}`), (announced) => {
    calls.push(`announced ${announced.pid}, begun: ${existsSync(file)}`)
  })
  expect(await exited).toEqual({ exitCode: 0, signal: null })
  expect(calls).toEqual([`announced ${identity.pid}, begun: false`])
  expect(readFileSync(file, 'utf8')).toBe(`${identity.pid}\n`)
})

test('the command stands at its gate for as long as its announcement takes', async () => {
  const calls: string[] = []
  const file = join(stateDirectory, 'later')
  const { exited } = await spawnGated(gated(`echo > ${file}`), async (identity) => {
    await sleep(100)
    calls.push(`alive: ${isAlive(identity)}, begun: ${existsSync(file)}`)
  })
  await exited
  expect([...calls, `begun: ${existsSync(file)}`]).toEqual(['alive: true, begun: false', 'begun: true'])
})

test('the command never begins when its announcement fails late', async () => {
  const file = join(stateDirectory, 'never')
  let pid = 0
  const refused = spawnGated(gated(`echo > ${file}`), async (identity) => {
    pid = identity.pid
    await sleep(10)
    throw new Error('the disk is full')
  })
  await expect(refused).rejects.toThrow('the disk is full')
  expect([existsSync(`/proc/${pid}`), existsSync(file)]).toEqual([false, false])
})

test('a command that cannot be announced never begins and leaves no process', async () => {
  const file = join(stateDirectory, 'never')
  let pid = 0
  const refused = spawnGated(gated(`echo > ${file}`), (identity) => {
    pid = identity.pid
    expect(isAlive(identity)).toBe(true)
    throw new Error('the disk is full')
  })
  await expect(refused).rejects.toThrow('the disk is full')
  expect(existsSync(`/proc/${pid}`)).toBe(false)
  expect(existsSync(file)).toBe(false)
})

test('a directory that does not exist is a readable error', async () => {
  const refused = spawnGated(gated('true', { directory: '/nonexistent' }), () => {})
  await expect(refused).rejects.toMatchObject({
    code: 'ERR_COMMAND',
    message: 'cannot start "sh -c true" in /nonexistent: spawn /bin/sh ENOENT; does the directory exist?',
  })
})

test('the command gets the descriptors 0, 1 and 2 and none of ours', async () => {
  const open = await outputOf(gated('', { argv: ['/bin/ls', '/proc/self/fd'] }))
  // 3 is the directory that ls reads; more than that can only have been handed down to the whole test run.
  const inherited = readdirSync(`/proc/${process.ppid}/fd`).filter((name) => Number(name) > 3)
  expect(
    open
      .trim()
      .split('\n')
      .filter((name) => !inherited.includes(name)),
  ).toEqual(['0', '1', '2', '3'])
})

test('variables with names that no shell knows arrive', async () => {
  const environment = { PATH: process.env.PATH ?? '', 'spring.datasource.url': 'x', BASH_ENV: '/nonexistent' }
  const received = await outputOf(gated('', { argv: ['/usr/bin/env'], environment }))
  expect(received.split('\n')).toContain('spring.datasource.url=x')
})

test.each(Array.from({ length: 3 }, (_, index) => index))(
  'a holder killed between spawn and record leaves nothing (%i)',
  async () => {
    const begun = join(stateDirectory, 'gate-begun')
    const holder = startProgram(programArgv('holder-that-waits.ts', 'sh', '-c', `echo > ${begun}; exec sleep 600`), {
      env: { ...process.env, SPAWN_ONLY: '1' },
    })
    await holder.line()
    const { pid } = JSON.parse(await holder.line())
    expect(existsSync(`/proc/${pid}`)).toBe(true)
    await holder.kill()
    await eventually('the gate has gone', () => !existsSync(`/proc/${pid}`))
    await expectNothingLeft(stateDirectory)
    expect(existsSync(begun)).toBe(false)
  },
)
