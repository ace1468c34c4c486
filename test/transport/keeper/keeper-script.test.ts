import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Duplex } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Deadline } from '../../../src/kernel/deadline.ts'
import { requireExecutable } from '../../../src/process/executable.ts'
import { identify, isAlive, type ProcessIdentity } from '../../../src/process/inspect/identity.ts'
import { commandLine, keeperCommandLine, waitingCommandLine } from '../../../src/transport/keeper/far-command.ts'
import { Keeper } from '../../../src/transport/keeper/keeper.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ts-keeper-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** Starts a command line in a session of its own, as sshd does, on a machine whose `sh` is the given shell. */
function startIn(shell: string, line: string): ChildProcess {
  const path = mkdtempSync(join(directory, 'bin-'))
  symlinkSync(requireExecutable(shell, { directory }), join(path, 'sh'))
  const env = { PATH: `${path}:${process.env.PATH}` }
  return spawn('sh', ['-c', line], { env, detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
}

function startKeeper(child: ChildProcess): Promise<Keeper> {
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin })
  const deadline = new Deadline('starting the keeper', 20_000)
  return Keeper.start({ stream, connection: 'test.1', onCut: () => {} }, deadline)
}

/** Starts a command that leaves a daemon; returns both. */
async function startCommand(shell: string, keeper: Keeper, id: number): Promise<ProcessIdentity[]> {
  const names = { connection: 'test.1', keeper: keeper.pid, id }
  const child = startIn(shell, waitingCommandLine(names))
  const script = '(setsid sleep 600 > /dev/null & echo $!); echo $$; exec sleep 600'
  const command = { environment: {}, directory: undefined, hasInput: false, outputs: 'separate' } as const
  child.stdin?.write(commandLine({ ...command, argv: ['sh', '-c', script] }, names))
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
  const pids = [await lines.next(), await lines.next()].map(({ value }) => Number(value))
  return pids.flatMap((pid) => identify(pid) ?? [])
}

test.for(['dash', 'bash', 'busybox'])('the keeper ends commands where sh is %s', async (shell) => {
  const child = startIn(shell, keeperCommandLine)
  const exited = once(child, 'exit')
  const keeper = await startKeeper(child)
  const [ended, closed] = [keeper.nextId(), keeper.nextId()]
  const first = await startCommand(shell, keeper, ended)
  const second = await startCommand(shell, keeper, closed)
  const living = (): number[] => [first, second].map((processes) => processes.filter(isAlive).length)
  const counts = [living()]
  expect(await keeper.end(ended)).toEqual({ left: [], refusal: undefined })
  counts.push(living())
  await keeper.close()
  counts.push(living())
  await exited
  expect(counts).toEqual([
    [2, 2],
    [0, 2],
    [0, 0],
  ])
})
