import { readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { useCleanState } from '../../support/left-nothing.ts'
import { makeHome, type SshServer, startSshServer } from '../../support/ssh-server.ts'
import { useUserProject } from '../../support/user-project.ts'

useCleanState()
const { run, copy, directory } = useUserProject('')
let home: string
let server: SshServer

const names = ['postgres', 'mariadb', 'redis', 'rabbitmq', 'memcached', 'nats', 'mosquitto', 'etcd', 'openldap', 'smtp']
beforeAll(async () => {
  symlinkSync(join(inject('installation'), 'node_modules'), join(directory, 'node_modules'))
  copy('vitest/projects/every-service', '.')
  server = await startSshServer()
  home = makeHome(server)
})
afterAll(() => server[Symbol.asyncDispose]())

test.each([
  ['own', 'here'],
  ['shared', 'here'],
  ['own', 'over ssh'],
  ['shared', 'over ssh'],
])('with %s services %s, the plugin gives each test its part', async (services, place) => {
  const { user, host, port } = server.options
  const machines = place === 'here' ? 'local=1' : `ssh://${user}@${host}:${port}=1`
  const output = `results-${services}-${machines.slice(0, 3)}`
  const options = ['--machines', machines, '--services', services, '--output', output]
  const ran = await run(['pool', 'run', ...options], { env: { HOME: home, SSH_AUTH_SOCK: '' } })
  const results = readFileSync(join(directory, output, 'results.jsonl'), 'utf8')
  expect(ran.code, ran.stderr + results + outputOf(output)).toBe(0)
  const rows = readFileSync(join(directory, output, 'services.jsonl'), 'utf8')
    .trim()
    .split('\n')
  const starts = rows.map((row) => JSON.parse(row)).filter(({ attempt }) => attempt === 'all.test.ts#1')
  // Each once: a tenant, or a server of its own of a service that cannot be shared.
  const own = ['memcached', 'mosquitto']
  const expected = names.map((service) => [service, own.includes(service) ? undefined : true])
  expect(starts.map(({ service, isTenant }) => [service, isTenant]).sort()).toEqual(expected.sort())
})

/** Returns what the tests of a run have said. */
function outputOf(output: string): string {
  const files = readdirSync(join(directory, output), { recursive: true, encoding: 'utf8' })
  const texts = files.filter((file) => file.endsWith('output.txt'))
  return texts.map((file) => readFileSync(join(directory, output, file), 'utf8')).join('\n')
}
