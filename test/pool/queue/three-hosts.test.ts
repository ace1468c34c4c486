import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { proposePort } from '../../../src/host/port.ts'
import { randomPassword } from '../../../src/host/secret.ts'
import { openQueue, type RunSummary } from '../../../src/pool.ts'
import { readResults } from '../../../src/results/read-results.ts'
import { testOf } from '../../support/controlled-tests.ts'
import { eventually } from '../../support/eventually.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { isRoot, useNetworkHosts } from '../../support/network-namespaces.ts'
import { programArgv, type StartedProgram, startProgram } from '../../support/program.ts'
import { startSshServer } from '../../support/ssh-server.ts'

useCleanState()
const network = useNetworkHosts(4)
const count = 100
const napMs = 100
const lockMs = 1_500

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ts-hosts-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** Waits until a worker has begun as many tests. */
async function begun(worker: StartedProgram, tests: number): Promise<void> {
  for (let index = 0; index < tests; index++) await worker.line()
}

async function lastLine(worker: StartedProgram): Promise<RunSummary> {
  for (;;) {
    const line = await worker.line()
    if (line.startsWith('{')) return JSON.parse(line) as RunSummary
  }
}

test.runIf(isRoot)('each test counts once, with one host killed, one cut off, and one joining late', async () => {
  const [server, killed, cutOff, late] = network.hosts
  if (!server || !killed || !cutOff || !late) throw new Error('four hosts were asked for')
  const [port, password] = [await proposePort(), randomPassword()]
  const redis = ['redis-server', '--port', `${port}`, '--bind', server.address, '--requirepass', password, '--save', '']
  startProgram(server.argv(...redis), { stdio: ['ignore', 'pipe', 'inherit'], cwd: directory })
  await using sshd = await startSshServer({ settings: [`ListenAddress ${network.gateway}`] })
  const knownHosts = join(sshd.directory, 'known_hosts')
  const known = readFileSync(knownHosts, 'utf8')
  appendFileSync(knownHosts, known.replace('127.0.0.1', network.gateway))

  const url = `redis://:${password}@${server.address}:${port}`
  const tests = Array.from({ length: count }, (_, index) => `t${index}`).map((name) =>
    testOf(name, () => true, { kind: 'naps', data: { name, ms: napMs } }),
  )
  await using queue = await eventually('Redis answers', () => openQueue({ url, tests, lockMs }).catch(() => undefined))
  const log = join(directory, 'log')
  const work = (host: typeof killed, name: string, ...more: readonly string[]) =>
    startProgram(host.argv(...programArgv('works-on-a-queue.ts', url, join(directory, name), log, ...more)))

  const workers = [work(killed, 'killed'), work(cutOff, 'cut-off')] as const
  await Promise.all(workers.map((worker) => begun(worker, 4)))
  cutOff.cut()
  await workers[0].kill('SIGKILL')
  const rest = lastLine(work(late, 'late', JSON.stringify({ ...sshd.options, host: network.gateway })))
  expect(await rest).toMatchObject({ outcome: 'passed', notRun: 0 })
  cutOff.restore()
  expect(await lastLine(workers[1])).toMatchObject({ notRun: 0, leftBehind: [] })

  expect(await queue.counts()).toMatchObject({ passed: count, failed: 0, infra: 0, notRun: 0 })
  const { results } = readResults(directory)
  const counted = results.filter(({ row: [, , , subtest] }) => subtest === null).map(({ row: [, , name] }) => name)
  expect(counted.toSorted()).toEqual(tests.map(({ name }) => name).toSorted())
})
