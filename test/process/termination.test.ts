import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { currentBootId, identify, isAlive, type ProcessIdentity, readStat } from '../../src/process/inspect/identity.ts'
import { type ProcessPlan, SupervisedProcess } from '../../src/process/supervised-process.ts'
import { guardianMark, terminate } from '../../src/process/termination.ts'
import { eventually } from '../support/eventually.ts'
import { expectSkippable } from '../support/fault-ground.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { programArgv, type StartedProgram, startProgram } from '../support/program.ts'
import { losses } from '../support/programs.ts'
import { readPid } from '../support/read-pid.ts'
import { createPlan } from '../support/service-plan.ts'

useCleanState()

async function start(plan: ProcessPlan): Promise<SupervisedProcess> {
  const started = await SupervisedProcess.start(plan, () => {})
  onTestFinished(async () => void (await started.stop(AbortSignal.abort())))
  return started
}

async function startReady(plan: ProcessPlan): Promise<SupervisedProcess> {
  const started = await start(plan)
  await eventually('it is ready', () => started.log.readFrom(0).includes('ready'))
  return started
}

function requireIdentity(pid: number): ProcessIdentity {
  const identity = identify(pid)
  if (!identity) throw new Error(`there is no process ${pid}`)
  return identity
}

describe('the stop ladder', () => {
  test('SIGTERM is enough for a process that answers to it', async () => {
    const service = await start(createPlan(['sleep', '600']))
    expect(await service.stop()).toEqual([])
    expect(service.ended).toEqual({ exitCode: null, signal: 'SIGTERM' })
  })

  test('kills at the end of the grace, not before', async () => {
    const ladder = [{ signal: 'SIGTERM', graceMs: 300 }] as const
    const service = await startReady(createPlan(programArgv('ignores-sigterm.sh'), { ladder }))
    const before = performance.now()
    expect(await service.stop()).toEqual([])
    expect(performance.now() - before).toBeGreaterThanOrEqual(300)
    expect(service.endedHow).toBe('signal SIGKILL')
  })

  test('goes rung by rung', async () => {
    const ladder = [
      { signal: 'SIGTERM', graceMs: 50 },
      { signal: 'SIGQUIT', graceMs: 5_000 },
    ] as const
    const service = await startReady(createPlan(programArgv('ignores-sigterm.sh'), { ladder }))
    await service.stop()
    expect(service.endedHow).toBe('signal SIGQUIT')
  })

  test('a stopped process is continued, so that it can answer', async () => {
    const service = await start(createPlan(['sleep', '600']))
    process.kill(service.identity.pid, 'SIGSTOP')
    await eventually('it is stopped', () => readStat(service.identity.pid)?.state === 'T')
    await service.stop()
    expect(service.endedHow).toBe('signal SIGTERM')
  })

  test('a stopped process in a session of its own is continued without its leader', async () => {
    const script = `setsid sh -c 'trap exit TERM; while :; do sleep 0.05; done' & child=$!
      trap 'kill $child; while kill -0 $child; do sleep 0.02; done; exit 3' TERM; echo ready $child; wait`
    const service = await startReady(createPlan(['sh', '-c', script]))
    const child = Number(/ready (\d+)/.exec(service.log.readFrom(0))?.[1])
    process.kill(child, 'SIGSTOP')
    await eventually('it is stopped', () => readStat(child)?.state === 'T')
    expect(await service.stop()).toEqual([])
    expect(service.endedHow).toBe('exit status 3')
  })

  test('hurry skips the grace, from the start and in the middle', async () => {
    const ladder = [{ signal: 'SIGTERM', graceMs: 60_000 }] as const
    const first = await startReady(createPlan(programArgv('ignores-sigterm.sh'), { ladder }))
    expect(await first.stop(AbortSignal.abort())).toEqual([])
    expect(first.endedHow).toBe('signal SIGKILL')
    const second = await startReady(createPlan(programArgv('ignores-sigterm.sh'), { ladder }))
    const forceSignal = new AbortController()
    const stopped = second.stop(forceSignal.signal)
    forceSignal.abort()
    expect(await stopped).toEqual([])
    expect(second.endedHow).toBe('signal SIGKILL')
  })

  test('the grace is for the whole group', async () => {
    const plan = createPlan([])
    const file = join(plan.directory, 'result')
    const service = await startReady({ ...plan, argv: programArgv('finishes-on-sigterm.sh', file) })
    expect(await service.stop()).toEqual([])
    expect(readFileSync(file, 'utf8')).toBe('finished\n')
  })

  test('one whose first thread alone has ended is ended as well', async ({ skip }) => {
    const directory = mkdtempSync(join(tmpdir(), 'ts-threads-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const program = join(directory, 'ends-its-first-thread')
    const { CC = 'cc' } = process.env
    const compiled = spawnSync(CC, ['-pthread', '-o', program, ...programArgv('ends-its-first-thread.c')])
    if (compiled.status !== 0) expectSkippable('there is no C compiler')
    skip(compiled.status !== 0, 'there is no C compiler')
    const service = await start(createPlan([program]))
    const { pid } = service.identity
    await eventually('its first thread has ended', () => readStat(pid)?.state === 'Z')
    expect([isAlive(service.identity), service.ended]).toEqual([true, undefined])
    expect(await service.stop()).toEqual([])
    expect(service.endedHow).toBe('signal SIGTERM')
  })

  test('a stop after the process died, and a second stop, find nothing', async () => {
    const service = await start(createPlan(['true']))
    await service.exited
    expect(await service.stop()).toEqual([])
    expect(await service.stop()).toEqual([])
  })
})

describe('strays', () => {
  async function startWithOrphan(loses: string, exits = ''): Promise<{ service: SupervisedProcess; orphan: number }> {
    const plan = createPlan([])
    const file = join(plan.directory, 'orphan.pid')
    const service = await start({ ...plan, argv: programArgv('double-forks.sh', loses, file, exits) })
    const orphan = await eventually('the orphan runs', () => readPid(file))
    await eventually('it is an orphan', () => service.log.readFrom(0).includes('ready'))
    return { service, orphan }
  }

  test.each(losses)('a double fork that loses %s is found', async (loses) => {
    const { service, orphan } = await startWithOrphan(loses)
    expect(await service.stop()).toEqual([])
    expect(identify(orphan)).toBeUndefined()
  })

  test.each(losses)('a double fork that loses %s is found after the service has ended by itself', async (loses) => {
    const { service, orphan } = await startWithOrphan(loses, '3')
    await service.exited
    expect(await service.stop()).toEqual([])
    expect(identify(orphan)).toBeUndefined()
  })

  test.each(['observe', 'observeSoon'] as const)('one that loses everything is found after %s', async (observe) => {
    const plan = createPlan([])
    const file = join(plan.directory, 'pid')
    const script = `cd /; env -i setsid sh -c 'echo $$ > ${file}; exec sleep 600' > /dev/null 2>&1 & exec sleep 600`
    const service = await start({ ...plan, argv: ['sh', '-c', script] })
    const stray = await eventually('it runs', () => readPid(file))
    service[observe]()
    await eventually('it is known', () => service.knownPids.includes(stray))
    process.kill(service.identity.pid, 'SIGKILL')
    await service.exited
    expect(await service.stop()).toEqual([])
    expect(identify(stray)).toBeUndefined()
  })

  test('a chain of forks is ended to the last', async () => {
    const service = await start(createPlan(programArgv('forks-a-chain.sh', '20')))
    await eventually('the chain is complete', () => service.log.readFrom(0).includes('link 1\n'))
    service.observe()
    const pids = service.knownPids
    expect(pids.length).toBeGreaterThanOrEqual(20)
    expect(await service.stop()).toEqual([])
    expect(pids.flatMap((pid) => identify(pid) ?? [])).toEqual([])
  })
})

describe('bystanders live', () => {
  test('and stop nothing, in a directory whose path is longer than the system can tell', async () => {
    const script =
      'cd "$0" && for i in $(seq 25); do mkdir "$1" && cd -P "$1" || exit; done; echo there; exec sleep 600'
    const directory = mkdtempSync(join(tmpdir(), 'ts-deep-'))
    const bystander = startProgram(['sh', '-c', script, directory, 'd'.repeat(200)])
    onTestFinished(() => void execFileSync('rm', ['-r', directory]))
    expect(await bystander.line()).toBe('there')
    const service = await start(createPlan(['sleep', '600']))
    expect(await service.stop()).toEqual([])
    expect(identify(bystander.pid)?.pid).toBe(bystander.pid)
  })

  async function outlives(bystander: StartedProgram, plan: ProcessPlan): Promise<void> {
    const identity = requireIdentity(bystander.pid)
    const service = await start(plan)
    expect(await service.stop()).toEqual([])
    expect(isAlive(identity)).toBe(true)
  }

  test('with the mark in the arguments only', async () => {
    const plan = createPlan(['sleep', '600'])
    await outlives(startProgram(['sh', '-c', 'read -r line', plan.marks.variable]), plan)
  })

  test.each(['X=', 'X'])('with the mark as a part of a variable (%s…)', async (head) => {
    const plan = createPlan(['sleep', '600'])
    const [name = '', value = ''] = `${head}${plan.marks.variable}`.split(/=(.*)/)
    await outlives(startProgram(['sleep', '600'], { env: { [name]: value, PATH: process.env.PATH } }), plan)
  })

  test('with a longer value than the mark', async () => {
    const plan = createPlan(['sleep', '600'])
    const [name = '', value] = plan.marks.variable.split('=')
    await outlives(startProgram(['sleep', '600'], { env: { [name]: `${value}x`, PATH: process.env.PATH } }), plan)
  })

  test('with the same name', async () => {
    await outlives(startProgram(['sleep', '600']), createPlan(['sleep', '600']))
  })

  test('in a directory whose name begins like ours', async () => {
    const { directory } = createPlan([])
    const marks = {
      variable: 'NOBODY=has-it',
      directories: [directory.slice(0, -1)],
      holder: requireIdentity(process.pid),
    }
    const bystander = startProgram(['sleep', '600'], { cwd: directory })
    expect(await terminate({ leaders: [], marks })).toEqual([])
    expect(identify(bystander.pid)).toBeDefined()
  })

  test('older than the holder, whatever marks it has', async () => {
    const plan = createPlan([])
    const older = startProgram(['sleep', '600'], { env: plan.environment, cwd: plan.directory })
    const { startTime } = requireIdentity(older.pid)
    const holder = { ...plan.marks.holder, startTime: String(Number(startTime) + 1) }
    expect(await terminate({ leaders: [], marks: { ...plan.marks, holder } })).toEqual([])
    expect(identify(older.pid)).toBeDefined()
  })

  test('a person’s shell in our directory: it has a terminal', async ({ skip }) => {
    skip(!existsSync('/usr/bin/script'), '/usr/bin/script is not installed (apt install bsdutils)')
    const plan = createPlan([])
    // `script` itself has no terminal and stays outside.
    const script = `stty -echo; cd ${plan.directory}; echo $$; exec sleep 600`
    const shell = startProgram(['script', '-qfc', script, '/dev/null'], { cwd: '/' })
    const pid = Number.parseInt(await shell.line(), 10)
    expect(readStat(pid)?.hasTerminal).toBe(true)
    const left = await terminate({ leaders: [], marks: plan.marks })
    expect({ left, shell: identify(pid)?.pid }).toEqual({ left: [], shell: pid })
  })

  test.each([
    ['start time', { startTime: '1' }],
    ['boot', { bootId: 'another' }],
  ])('under a recorded pid with another %s', async (_, other) => {
    const bystander = startProgram(['sleep', '600'], { detached: true })
    const identity = requireIdentity(bystander.pid)
    const plan = createPlan([])
    const leaders = [{ identity: { ...identity, ...other }, ladder: plan.ladder }]
    expect(await terminate({ leaders, marks: plan.marks, seen: leaders.map((leader) => leader.identity) })).toEqual([])
    expect(isAlive(identity)).toBe(true)
  })

  test('with every mark, after another boot', async () => {
    const plan = createPlan([])
    const bystander = startProgram(['sleep', '600'], { env: plan.environment, cwd: plan.directory })
    const holder = { ...plan.marks.holder, bootId: currentBootId().replace(/^./, 'x') }
    expect(await terminate({ leaders: [], marks: { ...plan.marks, holder } })).toEqual([])
    expect(identify(bystander.pid)).toBeDefined()
  })

  test('the guardian of an inner run, which has cleaning up to do', async () => {
    const plan = createPlan([])
    const env = { ...plan.environment, [guardianMark.name]: guardianMark.value }
    const guardian = startProgram(['sleep', '600'], { env })
    expect(await terminate({ leaders: [], marks: plan.marks })).toEqual([])
    expect(identify(guardian.pid)).toBeDefined()
  })
})
