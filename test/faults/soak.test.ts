import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { librarian } from '../../fixtures/librarian/index.ts'
import { askHolder } from '../../src/helper/control-server.ts'
import { listHolders } from '../../src/helper/holder-record.ts'
import { command, log } from '../../src/index.ts'
import { useFaultGround } from '../support/fault-ground.ts'
import { processesOf } from '../support/left-nothing.ts'
import { useUserProject, variablesOf } from '../support/user-project.ts'
import { readPid } from './holders.ts'

const ground = useFaultGround()
const { stateDirectory } = ground
const { run } = useUserProject(`
import { defineConfig } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'
export default defineConfig({ services: { library: librarian() } })`)

const cycles = 200
/** After which everything that is made once is there. */
const warmUp = 40
/** What a garbage collector may not have got to yet. */
const memorySlackBytes = 24 * 1024 * 1024

/** Connections that are just being opened or closed; a leak would be one for each cycle. */
const descriptorSlack = 5

const small = command({ command: ['sh', '-c', 'echo up; exec sleep 600'], port: false, ready: log('up') })

test(`${cycles} starts and stops beside a helper that is attached to and reset leave all counts flat`, async () => {
  const ran = await run(['--daemonise', '--format', 'json'])
  expect(ran.code, ran.stderr).toBe(0)
  const environment = variablesOf(ran)
  const [holder] = listHolders(stateDirectory)
  if (!holder) throw new Error('there is no helper')
  const { controlSocket } = holder
  const watched = [holder.identity.pid, readPid(environment.LP_LIBRARY_PIDFILE ?? '') ?? -1]

  async function cycle(): Promise<void> {
    await using unique = small.create({ label: 'SMALL' })
    await using slice = librarian().create({ label: 'LIBRARY', environment })
    await Promise.all([unique.setUp(), slice.setUp({ useExisting: true })])
    await fetch(`${slice.serviceConfig.url}/files`, { method: 'POST', body: 'a book' })
    await slice.reset()
    await askHolder(controlSocket, { action: 'reset' })
  }

  for (let count = 0; count < warmUp; count++) await cycle()
  const [before, memoryBefore] = [counts(watched), watched.map(memoryOf)]
  for (let count = warmUp; count < cycles; count++) await cycle()
  const after = counts(watched)
  expect({ ...after, descriptors: [] }).toEqual({ ...before, descriptors: [] })
  const more = after.descriptors.map((count, index) => count - (before.descriptors[index] ?? 0))
  expect(Math.max(...more), `${before.descriptors} before, ${after.descriptors} after`).toBeLessThan(descriptorSlack)
  const grown = watched.map((pid, index) => memoryOf(pid) - (memoryBefore[index] ?? 0))
  expect(Math.max(...grown), `grown by ${grown} bytes`).toBeLessThan(memorySlackBytes)
  const witness = ground.witness()
  expect((await run(['stop'])).code).toBe(0)
  await witness.expectNothingLeft()
}, 120_000)

function counts(watched: readonly number[]) {
  return {
    files: readdirSync(stateDirectory, { recursive: true }).sort(),
    processes: processesOf(stateDirectory).length,
    descriptors: watched.map((pid) => readdirSync(`/proc/${pid}/fd`).length),
    ownChildren: readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1').trim().split(' ').length,
  }
}

/** @see proc_pid_status(5) `VmRSS` */
function memoryOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, 'latin1')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024
}
