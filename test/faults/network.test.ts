import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { useFaultGround } from '../support/fault-ground.ts'
import { useUserProject, variablesOf } from '../support/user-project.ts'
import { runningBelow } from './holders.ts'

const ground = useFaultGround()
const { copy, directory, run, start, write } = useUserProject()
const programs = fileURLToPath(new URL('../programs', import.meta.url))

test('a port that is taken at the bind is retried on another, which the command gets', async () => {
  const tried = join(directory, 'tried')
  write(
    'loser.config.mjs',
    `import { command, defineConfig } from 'test-services'
     const argv = ${JSON.stringify([process.execPath, join(programs, 'loses-its-first-ports.mjs'), tried, '2'])}
     export default defineConfig({ services: { loser: command({ command: argv }) } })`,
  )
  const script = 'echo "$LP_LOSER_PORT"; echo runs >&2; read -r end'
  const held = start(['exec', '--config', 'loser.config.mjs', '--', 'sh', '-c', script], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  await held.said('runs')
  const witness = ground.witness()
  held.child.stdin?.end('end\n')
  const ran = await held.ended
  const ports = readFileSync(tried, 'utf8').trim().split('\n')
  expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: `${ports[2]}\n` })
  expect(new Set(ports).size).toBe(3)
  await witness.expectNothingLeft()
})

test('a foreign server on the expected port is not taken for ours, and lives on', async () => {
  // It keeps those waiting that ask before the service has been seen.
  const waiting: ServerResponse[] = []
  let answers = false
  const foreign = createServer((_request, response) =>
    answers ? response.end('foreign') : void waiting.push(response),
  )
  await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void foreign.close().closeAllConnections())
  const { port } = foreign.address() as AddressInfo
  write(
    'silent.config.mjs',
    `import { command, defineConfig, ready } from 'test-services'
     const argv = ${JSON.stringify([process.execPath, join(programs, 'ignores-its-port.mjs')])}
     export default defineConfig({ services: { silent: command({ command: argv, port: ${port}, ready: ready.http('/') }) } })`,
  )
  const held = start(['exec', '--config', 'silent.config.mjs', '--', 'echo', 'ran'])
  await eventually('the service runs', () => runningBelow(held.pid, 'ignores-its-port').length > 0)
  // It stays so while its look-alikes are started.
  process.kill(held.pid, 'SIGSTOP')
  const witness = ground.witness()
  expect(witness.processes.length).toBeGreaterThan(1)
  answers = true
  for (const response of waiting) response.end('foreign')
  process.kill(held.pid, 'SIGCONT')
  const ran = await held.ended
  expect(ran).toMatchObject({ code: 125, stdout: '' })
  expect(ran.stderr).toContain(`port ${port} is already in use`)
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('foreign')
  await witness.expectNothingLeft()
})

/** Longer than any socket's path may be. */
const longName = 'long-'.repeat(24)

test('a temporary directory in which no socket fits is passed over for a shorter one', async () => {
  const TMPDIR = join(directory, longName)
  mkdirSync(TMPDIR)
  copy('configs/postgres.config.mjs')
  const env = { TMPDIR }
  const started = await run(['--daemonise', '--config', 'postgres.config.mjs', '--format', 'json'], { env })
  expect(started.code, started.stderr).toBe(0)
  const { LP_DB_SOCKET_DIRECTORY: sockets = '' } = variablesOf(started)
  expect(Buffer.byteLength(sockets)).toBeLessThan(100)
  expect(existsSync(sockets)).toBe(true)
  expect((await run(['status', '--config', 'postgres.config.mjs'], { env })).code).toBe(0)
  const witness = ground.witness()
  expect((await run(['stop', '--config', 'postgres.config.mjs'], { env })).code).toBe(0)
  expect(existsSync(sockets)).toBe(false)
  await witness.expectNothingLeft()
})

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'a PATH with neither ps nor lsof is enough to start, and to end after %s',
  async (signal) => {
    const PATH = join(directory, `path-${signal}`)
    mkdirSync(PATH)
    symlinkSync(process.execPath, join(PATH, 'node'))
    symlinkSync('/usr/bin/perl', join(PATH, 'perl'))
    const held = start(['web'], { env: { PATH } })
    await held.said('everything is ready')
    const witness = ground.witness()
    held.child.kill(signal)
    await held.ended
    await witness.expectNothingLeft()
  },
)
