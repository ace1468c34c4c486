import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { hasCode } from '../../src/kernel/errors.ts'
import { runPaths } from '../../src/run/run-paths.ts'
import { expectSkippable, useFaultGround } from '../support/fault-ground.ts'
import { leftovers, processesOf } from '../support/left-nothing.ts'
import { killWithGuardian, namesIn, useHolders } from './holders.ts'

const ground = useFaultGround()
const { run, start } = useHolders()
const why = 'mounting a tmpfs needs root and the right to mount'
const mostSteps = 1_024
/** In which a tmpfs gives out its bytes. */
const pageBytes = 4_096
let mounts = 0

/** A state directory on a small file system of its own; `undefined` where none can be mounted, which CI can. */
function smallState(): { state: string; env: NodeJS.ProcessEnv; fill(): void } | undefined {
  const place = join(ground.stateDirectory, `small-${++mounts}`)
  mkdirSync(place)
  if (!mount(place)) {
    expectSkippable(why)
    return undefined
  }
  onTestFinished(() => {
    for (const { pid } of processesOf(state)) process.kill(pid, 'SIGKILL')
    execFileSync('/bin/umount', ['--lazy', place])
    rmSync(place, { recursive: true })
  })
  const state = join(place, 'state')
  mkdirSync(state, { mode: 0o700 })
  const fillAll = (): void => {
    for (const id of namesIn(runPaths.runs(state))) endPage(runPaths.journal(join(runPaths.runs(state), id)))
    fill(place)
  }
  return { state, env: { LP_STATE_DIR: state }, fill: fillAll }
}

/** So that the next line of a journal needs a page more. */
function endPage(journal: string): void {
  appendFileSync(journal, '\n'.repeat(pageBytes - (statSync(journal).size % pageBytes)))
}

function mount(place: string): boolean {
  if (process.getuid?.() !== 0) return false
  const options = 'size=512k,nr_inodes=64,mode=700'
  return spawnSync('/bin/mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', place]).status === 0
}

/** Neither a byte nor a file more. */
function fill(place: string): void {
  untilFull(() => writeFileSync(join(place, 'ballast'), Buffer.alloc(1024), { flag: 'a' }))
  let files = 0
  untilFull(() => writeFileSync(join(place, `ballast-${++files}`), ''))
}

function untilFull(step: () => void): void {
  try {
    for (let left = mostSteps; left > 0; left--) step()
  } catch (thrown) {
    if (!hasCode(thrown, 'ENOSPC')) throw thrown
  }
}

describe('a full file system', () => {
  test('at the start is an error, and nothing is started', async ({ skip }) => {
    const small = smallState()
    if (!small) return skip(why)
    small.fill()
    const { state, env } = small
    const witness = ground.witness(state)
    const started = await Promise.all([run(['exec', '--', 'echo', 'ran'], { env }), run(['--daemonise'], { env })])
    expect(started).toMatchObject([
      { code: 125, stdout: '' },
      { code: 1, stdout: 'false;\n' },
    ])
    for (const { stderr } of started) expect(stderr).toMatch(/ENOSPC/)
    for (const { stderr } of started) expect(stderr).not.toMatch(/^ +at /m)
    await witness.expectNothingLeft()
  })

  test.for(['SIGTERM', 'SIGKILL'] as const)(
    'at the stop by %s is no reason to leave anything',
    async (signal, { skip }) => {
      const small = smallState()
      if (!small) return skip(why)
      const { state, env } = small
      const held = start(['web'], { env })
      await held.said('everything is ready')
      const witness = ground.witness(state)
      expect(witness.processes.length).toBeGreaterThan(1)
      small.fill()
      held.child.kill(signal)
      const ran = await held.ended
      if (signal === 'SIGTERM') expect(ran).toMatchObject({ code: 0 })
      await witness.expectNothingLeft()
    },
  )

  test('when holder and guardian have died is no obstacle to a sweep', async ({ skip }) => {
    const small = smallState()
    if (!small) return skip(why)
    const { state, env } = small
    const held = start(['web'], { env })
    await held.said('everything is ready')
    const witness = ground.witness(state)
    await killWithGuardian(held)
    small.fill()
    const swept = await run(['sweep'], { env })
    expect(swept, swept.stdout).toMatchObject({ code: 0, stdout: expect.stringContaining('(WEB)') })
    expect(leftovers(state)).toEqual([])
    await witness.expectNothingLeft()
  })
})
