// The start of a program that does almost nothing: as a service, and by a bare spawn with the same probe.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { command, ready } from 'test-services'
import { answer, timed } from './answer.mjs'

const argv = ['sh', '-c', 'echo ready; exec sleep 60']
const intervalMs = 1
const definition = command({ command: argv, port: false, ready: { ...ready.log('ready'), intervalMs } })

answer({
  guarded: async () => {
    const service = definition.create({ label: 'TRIVIAL' })
    const startMs = await timed(() => service.setUp())
    const guardianMiB = guardianMemory() / 1024 ** 2
    return { startMs, guardianMiB, stopMs: await timed(() => service.cleanUp()) }
  },
  bare: async () => {
    const directory = mkdtempSync(join(tmpdir(), 'bare-'))
    const log = join(directory, 'log')
    let child
    const startMs = await timed(async () => {
      child = spawnInto(log)
      while (!readFileSync(log, 'utf8').includes('ready')) await sleep(intervalMs)
    })
    const stopMs = await timed(async () => {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
      rmSync(directory, { recursive: true })
    })
    return { startMs, stopMs }
  },
})

function spawnInto(logFile) {
  const descriptor = openSync(logFile, 'a')
  try {
    return spawn(argv[0], argv.slice(1), { stdio: ['ignore', descriptor, descriptor], detached: true })
  } finally {
    closeSync(descriptor)
  }
}

/** Returns the private memory of this process's guardian, in bytes. @see proc_pid_smaps(5) */
function guardianMemory() {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ')
  const guardian = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('guardian'))
  if (!guardian) throw new Error('this process has no guardian')
  const rollup = readFileSync(`/proc/${guardian}/smaps_rollup`, 'utf8')
  const sizes = [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB/gm)].map(([, size]) => Number(size) * 1024)
  return sizes.reduce((sum, size) => sum + size, 0)
}
