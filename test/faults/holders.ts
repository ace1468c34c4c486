import type { SpawnOptions } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { expect } from 'vitest'
import { readProcessTable, withDescendants } from '../../src/process/inspect/process-table.ts'
import { unlessUnreadable } from '../../src/process/inspect/unless-unreadable.ts'
import { eventually } from '../support/eventually.ts'
import { type Started, startProcess, type UserProject, useUserProject, variablesOf } from '../support/user-project.ts'

/** One that holds services, of whatever kind. */
export interface Holding {
  readonly pid: number
  /** How its command ended; nothing of a helper. */
  readonly ended?: Started['ended']
}

export const holderKinds = ['exec', 'foreground', 'helper', 'script'] as const
export type HolderKind = (typeof holderKinds)[number]

/** A project whose services are held in every way there is. */
export function useHolders(): UserProject & {
  hold(kind: HolderKind): Promise<Holding>
  /** Starts to hold, and does not wait. */
  begin(kind: HolderKind): Started
} {
  const project = useUserProject('stray')
  for (const name of ['misbehaving-server', 'holds-services']) project.copy(`programs/${name}.mjs`)
  const { start, directory } = project
  const begin = (kind: HolderKind): Started => {
    if (kind === 'exec') return start(['exec', '--', 'sh', '-c', 'echo exec holds >&2; read -r end'], waits)
    if (kind === 'foreground') return start([])
    if (kind === 'helper') return start(['--daemonise', '--format', 'json'])
    return startProcess([process.execPath, 'holds-services.mjs'], { cwd: directory })
  }
  const hold = async (kind: HolderKind): Promise<Holding> => {
    const held = begin(kind)
    if (kind !== 'helper') {
      await held.said(/ holds$|everything is ready/m)
      return held
    }
    const ran = await held.ended
    expect(ran.code, ran.stderr).toBe(0)
    return { pid: Number(variablesOf(ran).LP_WEB_CONTROL_PID) }
  }
  return { ...project, begin, hold }
}

/** Starts several holders as the children of one shell, which waits for them. */
export function startBelowShell(
  commands: readonly (readonly string[])[],
  { command, directory }: Pick<UserProject, 'command' | 'directory'>,
): Started {
  const lines = commands.map((argv) => `${argv.join(' ')} &`)
  const node = [process.execPath, command]
  return startProcess(['bash', '-c', `${lines.join('\n')}\nwait`, ...node], { cwd: directory })
}

/** With a standard input that never ends. */
export const waits: SpawnOptions = { stdio: ['pipe', 'pipe', 'pipe'] }

/** The guardian of a holder, as soon as there is one that waits; not the one that is known already. */
export function guardianOf({ pid: holder }: Holding, known?: number): Promise<number> {
  return eventually('there is a guardian', () =>
    [...withDescendants([holder], readProcessTable())].find(
      (pid) => pid !== known && commandLine(pid).includes('test-services-guardian'),
    ),
  )
}

/** As when the machine has no memory left: neither of them can clean up. */
export async function killWithGuardian(held: Holding): Promise<void> {
  const guardian = await guardianOf(held)
  process.kill(held.pid, 'SIGSTOP')
  process.kill(guardian, 'SIGKILL')
  process.kill(held.pid, 'SIGKILL')
  await held.ended
}

/** The processes below one that run this program. */
export function runningBelow(parent: number, program: string): number[] {
  return [...withDescendants([parent], readProcessTable())].filter((pid) => commandLine(pid).includes(program))
}

/** The arguments of a process, each ended by a NUL; empty when it is gone. */
export function commandLine(pid: number): string {
  return unlessUnreadable(() => readFileSync(`/proc/${pid}/cmdline`, 'latin1')) ?? ''
}

/** The names in a directory; none where there is none. */
export function namesIn(directory: string): string[] {
  return statSync(directory, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(directory) : []
}

/** Multiples of it, less their whole part, each fall into the widest gap that those before them have left. */
const goldenRatio = 0.618_034

export interface Instants {
  readonly count: number
  /** The latest of them, in milliseconds: how long the whole took, once. */
  readonly lastMs: number
  /** How many of them must come upon something, 0 by default. */
  readonly atLeastMet?: number
}

/**
 * Does something at instants that are spread over a time, from a random one on; the error tells at which instant it
 * failed. `act` tells whether its instant came upon anything. On a machine that has become slower all instants may lie
 * before the first thing that is made: later instants follow until enough have come upon something.
 */
export async function atInstants(
  { count, lastMs, atLeastMet = 0 }: Instants,
  act: (atMs: number) => Promise<boolean>,
): Promise<void> {
  const seed = Number(process.env.FAULT_SEED ?? Math.random())
  let met = 0
  for (let index = 0; index < count || met < atLeastMet; index++) {
    expect(index, `instants; ${met} of them came upon something`).toBeLessThan(5 * count)
    const rounds = Math.max(1, (index + 1) / count)
    const atMs = ((seed + index * goldenRatio) % 1) * lastMs * rounds
    const something = await act(atMs).catch((cause) => {
      const instant = `instant ${index + 1} of ${count}, ${atMs.toFixed(1)} of ${lastMs.toFixed(1)} ms`
      throw new Error(`at ${instant} (FAULT_SEED=${seed}): ${cause.message}`, { cause })
    })
    if (something) met++
  }
}
