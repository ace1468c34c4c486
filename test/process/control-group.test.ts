import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { randomName } from '../../src/host/secret.ts'
import {
  controlGroupMembers,
  enterControlGroup,
  joinControlGroup,
  makeControlGroup,
  ownControlGroup,
  prepareJoins,
  removeControlGroup,
} from '../../src/process/control-group.ts'
import { identify, isAlive, ownIdentity } from '../../src/process/inspect/identity.ts'
import { spawnGated } from '../../src/process/spawn-gate.ts'
import { terminate } from '../../src/process/termination.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { startProgram } from '../support/program.ts'

useCleanState()
const own = ownControlGroup()

/** Skips where the kernel lets this user make no groups. */
const testGroup = (title: string, run: (group: string) => Promise<void>): void =>
  test.skipIf(own === undefined)(title, async () => {
    const group = join(own ?? '', `test-services-test-${randomName(8)}`)
    expect(makeControlGroup(group)).toBe(true)
    onTestFinished(() => removeControlGroup(group))
    await run(group)
  })

testGroup('what a process starts is in its group, and in those below it', async (group) => {
  const inner = join(group, 'inner')
  makeControlGroup(inner)
  const shell = startProgram(['sh', '-c', 'read -r go; setsid sleep 600 & echo $!; exec sleep 600'], { cwd: '/' })
  expect(await joinControlGroup(inner, shell.pid)).toBe(true)
  shell.child.stdin?.write('go\n')
  const orphan = Number(await shell.line())
  onTestFinished(() => void process.kill(orphan, 'SIGKILL'))
  expect(controlGroupMembers(group).sort()).toEqual([shell.pid, orphan].sort())
})

testGroup('who has been spared goes on one level higher when the group is removed', async (group) => {
  const inner = join(group, 'inner')
  makeControlGroup(inner)
  const spared = startProgram(['sleep', '600'])
  await joinControlGroup(inner, spared.pid)
  await removeControlGroup(inner)
  expect([existsSync(inner), controlGroupMembers(group)]).toEqual([false, [spared.pid]])
  await spared.kill()
})

testGroup('a group that is there already, or whose parent is gone, is not made', async (group) => {
  expect([makeControlGroup(group), makeControlGroup(join(group, 'gone', 'inner'))]).toEqual([false, false])
})

testGroup('a process that has ended, or a group that is gone, is no error', async (group) => {
  const ended = startProgram(['true'])
  await ended.kill()
  expect(await joinControlGroup(group, ended.pid)).toBe(false)
  expect(await joinControlGroup(join(group, 'gone'), process.pid)).toBe(false)
  await removeControlGroup(join(group, 'gone'))
  expect(controlGroupMembers(join(group, 'gone'))).toEqual([])
})

testGroup('a process that joins after a preparation makes its group, and moves nobody else', async (group) => {
  prepareJoins()
  prepareJoins()
  const joining = startProgram(['sleep', '600'])
  const identity = identify(joining.pid)
  if (identity) await enterControlGroup(join(group, 'made', 'by joining'), identity)
  expect([ownControlGroup(), controlGroupMembers(group)]).toEqual([own, [joining.pid]])
  await joining.kill()
})

const environment = { PATH: process.env.PATH ?? '' }
const quiet = { environment, directory: '/', stdout: 'pipe', stderr: 'ignore' } as const

testGroup('a command that starts alone enters its group while it begins', async (group) => {
  const inner = join(group, 'instance')
  const command = {
    ...quiet,
    argv: ['sh', '-c', 'echo begun; read -r end'],
    stdin: 'pipe',
    controlGroup: inner,
  } as const
  const { child, identity, exited, isGrouped } = await spawnGated({ ...command, startsAlone: true }, () => {})
  const [begun] = await Promise.all([child.stdout?.take(1).toArray(), isGrouped])
  expect([String(begun), await isGrouped, controlGroupMembers(group)]).toEqual(['begun\n', true, [identity.pid]])
  child.stdin?.end()
  await exited
})

testGroup('a child that has left the group of its leader is ended, too', async (group) => {
  const argv = ['sh', '-c', 'setsid sleep 600 >/dev/null & echo $!; exec sleep 600']
  const command = { ...quiet, argv, controlGroup: join(group, 'instance') }
  const { child, identity, isGrouped } = await spawnGated(command, () => {})
  const left = identify(Number(String(await child.stdout?.take(1).toArray())))
  if (left) await joinControlGroup(own ?? '', left.pid)
  const marks = { variable: `TEST_NO_MARK=${group}`, directories: [], holder: ownIdentity() }
  const target = { leaders: [{ identity, ladder: [] }], marks: { ...marks, controlGroup: command.controlGroup } }
  expect(await terminate({ ...target, isGrouped: await isGrouped })).toEqual([])
  expect([left && isAlive(left), isAlive(identity)]).toEqual([false, false])
})
