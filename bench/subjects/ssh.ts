import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ssh as sshTransport } from '../../src/transport/ssh.ts'
import { type SshServer, startSshServer } from '../../test/support/ssh-server.ts'
import type { Figure } from '../figure.ts'
import type { Ground } from '../ground.ts'
import { interleave } from '../rounds.ts'
import { summarise } from '../statistics.ts'
import type { Subject } from '../subject.ts'

const commands = 20
const files = 1_000
const fileBytes = 100_000

/** Commands and files over one kept connection, beside those of OpenSSH and rsync over one kept connection of theirs. */
export const ssh: Subject = { title: 'A machine over ssh, at 127.0.0.1', measure }

async function measure(ground: Ground, rounds: number): Promise<Figure[]> {
  const tree = makeTree(join(ground.directory, 'tree'))
  // In memory: for minutes after the removal of files, ext4 spends more time on new ones than the copy takes.
  const copy = join(ground.memory ?? ground.directory, 'copy')
  await using server = await startSshServer()
  await using transport = sshTransport(server.options)
  const { host } = server.options
  const client = ['ssh', ...server.clientOptions, ...masterOptions(server)]
  // The first one becomes the master, and outlives its command.
  await ground.time([...client, '-f', '-N', host])
  const command = async (): Promise<number> => await millisecondsOf(() => transport.run(['true']))
  const peerCommand = async (): Promise<number> => (await ground.time([...client, host, 'true'])).ms
  try {
    const samples = await interleave(rounds, {
      ours: async () => ({
        commandMs: await medianOf(command),
        putMs: await millisecondsOf(() => transport.put(tree, copy)).finally(() => remove(copy)),
      }),
      openSsh: async () => ({
        commandMs: await medianOf(peerCommand),
        putMs: (
          await ground
            .time(['rsync', '-a', '-e', client.join(' '), `${tree}/`, `${host}:${copy}`])
            .finally(() => remove(copy))
        ).ms,
      }),
    })
    return figuresOf(samples)
  } finally {
    await ground.time([...client, '-O', 'exit', host])
  }
}

interface Measured {
  readonly commandMs: readonly number[]
  readonly putMs: readonly number[]
}

function figuresOf({ ours, openSsh }: { readonly ours: Measured; readonly openSsh: Measured }): Figure[] {
  return [
    {
      what: `a command, the median of ${commands}`,
      unit: 'ms',
      samples: ours.commandMs,
      peers: [{ what: '`ssh` with `ControlMaster`', samples: openSsh.commandMs, atLeastTimes: 0.77 }],
    },
    {
      what: '`put` of 100 MB in 1,000 files',
      unit: 'ms',
      samples: ours.putMs,
      peers: [
        { what: '`rsync -a` over this `ControlMaster`, with the same cipher', samples: openSsh.putMs, atLeastTimes: 1 },
      ],
    },
  ]
}

/** Options of OpenSSH for one connection that is kept, with the cipher that `ssh2` prefers. */
export function masterOptions({ directory }: SshServer): string[] {
  const kept = ['-o', `ControlPath=${directory}/master`, '-o', 'ControlMaster=auto', '-o', 'ControlPersist=yes']
  return [...kept, '-c', 'aes128-gcm@openssh.com']
}

/** Makes the tree; the content cannot be compressed, and no two files are alike. */
function makeTree(path: string): string {
  for (let file = 0; file < files; file++) {
    const directory = join(path, `${file % 10}`)
    mkdirSync(directory, { recursive: true })
    writeFileSync(join(directory, `${file}`), randomBytes(fileBytes))
  }
  return path
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true })
}

async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

async function medianOf(measureOnce: () => Promise<number>): Promise<number> {
  const samples: number[] = []
  for (let number = 0; number < commands; number++) samples.push(await measureOnce())
  return summarise(samples).median
}
