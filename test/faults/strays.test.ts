import { statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ownControlGroup } from '../../src/process/control-group.ts'
import { identify } from '../../src/process/inspect/identity.ts'
import { eventually } from '../support/eventually.ts'
import { expectSkippable, useFaultGround } from '../support/fault-ground.ts'
import { losses } from '../support/programs.ts'
import { readPid } from '../support/read-pid.ts'
import { cases } from '../support/repeats.ts'
import { startProcess, useUserProject } from '../support/user-project.ts'

const ground = useFaultGround()
const programs = fileURLToPath(new URL('../programs', import.meta.url))
const { directory, command } = useUserProject('forker')

/** Each with a `sleep` beside it. */
const links = 50
const ends = ['SIGTERM', 'SIGKILL'] as const
/** In the directory of its log, which is the run's, as servers of fixtures are: that of a command is the project's. */
const besideLog = ['sh', '-c', 'cd "$(dirname "$(readlink /proc/self/fd/2)")" && exec "$@"', 'sh']
const group = ownControlGroup() ?? ''

/** Where groups could be made, the other marks have to prove themselves with the hierarchy out of reach. */
const ungrouped = ['unshare', '-m', 'sh', '-c', `mount -o remount,bind,ro ${mountOf(group)} && exec "$@"`, 'sh']

function mountOf(path: string): string {
  return path && statSync(join(path, '..')).dev === statSync(path).dev ? mountOf(join(path, '..')) : path
}

async function hold(program: readonly string[], ready: string, prefix: readonly string[] = []) {
  const env = { PROGRAM: JSON.stringify(program), READY: ready }
  const held = startProcess([...prefix, process.execPath, command], { cwd: directory, env })
  await held.said('everything is ready')
  return held
}

async function expectDoubleForkGone(loses: string, end: NodeJS.Signals, prefix: readonly string[]): Promise<void> {
  const file = join(directory, `${loses}-${end}.pid`)
  const held = await hold([...besideLog, join(programs, 'double-forks.sh'), loses, file], 'ready', prefix)
  const orphan = await eventually('the orphan runs', () => readPid(file))
  const witness = ground.witness()
  held.child.kill(end)
  await held.ended
  await eventually('the orphan is gone', () => identify(orphan) === undefined)
  await witness.expectNothingLeft()
}

/** Each loss with one of the ends, then with the other. */
const pairs = [0, 1].map((shift) =>
  losses.map((loses, index) => [loses, ends[(index + shift) % 2] ?? 'SIGTERM'] as const),
)

test.each(cases(pairs[0] ?? [], pairs[1] ?? []))(
  'a double fork that loses %s is gone after %s to the holder',
  (loses, end) => expectDoubleForkGone(loses, end, group ? ungrouped : []),
)

test.for(ends)('a double fork that loses all is found in its control group after %s', async (end, { skip }) => {
  if (!group) expectSkippable('no control group can be made')
  skip(!group, 'making a control group needs root and a writable cgroup v2 hierarchy, or one that was delegated')
  await expectDoubleForkGone('all', end, [])
})

test.each(cases<NodeJS.Signals>(['SIGKILL'], ends))(
  `a chain of ${links} forks is gone after %s to the holder`,
  async (end) => {
    const held = await hold(
      ['sh', '-c', '"$0" "$1"; exec sleep 600', join(programs, 'forks-a-chain.sh'), String(links)],
      'link 1\n',
    )
    const witness = ground.witness()
    expect(witness.processes.length).toBeGreaterThan(links)
    held.child.kill(end)
    await held.ended
    await witness.expectNothingLeft()
  },
)

test.each(cases<NodeJS.Signals>(['SIGTERM'], ends))(
  `a chain that forks on up to ${links} times is gone after %s to the holder`,
  async (end) => {
    const script = '"$0" "$1" & echo forks; exec sleep 600'
    const held = await hold(['sh', '-c', script, join(programs, 'forks-on.sh'), String(links)], 'forks')
    held.child.kill(end)
    const witness = ground.witness()
    await held.ended
    await witness.expectNothingLeft()
  },
)
