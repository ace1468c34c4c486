import { once } from 'node:events'
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { afterEach, describe, expect, test } from 'vitest'
import { useCleanState } from '../support/left-nothing.ts'
import { stopHelpers } from '../support/stop-helpers.ts'
import { useUserProject, variablesOf } from '../support/user-project.ts'

const { stateDirectory } = useCleanState()
const project = useUserProject()
const { run, start } = project

afterEach(() => stopHelpers(stateDirectory))

async function daemonise(...argv: string[]): Promise<Record<string, string>> {
  const ran = await run(['--daemonise', '--format', 'json', ...argv])
  expect(ran.code, ran.stderr).toBe(0)
  return variablesOf(ran)
}

async function answer(url = ''): Promise<string> {
  return (await fetch(url)).text()
}

describe('--daemonise', () => {
  test('returns when everything is ready, with the variables of every service', async () => {
    const variables = await daemonise()
    expect(await answer(variables.LP_WEB_URL)).toMatch(/^\d+$/)
    expect(await answer(variables.LP_API_URL)).toMatch(/^\d+$/)
    expect(variables.LP_PERSISTENT_TEST_SERVICES?.split(',').sort()).toEqual(['API', 'STATUS', 'WEB'])
    expect(variables.WEB_URL).toBe(variables.LP_WEB_URL)
    const config = JSON.parse(readFileSync(variables.LP_WEB_CONFIGFILE ?? '', 'utf8'))
    expect(config).toMatchObject({ url: variables.LP_WEB_URL, port: Number(variables.LP_WEB_PORT) })
    expect(statSync(variables.LP_WEB_CONFIGFILE ?? '').mode & 0o777).toBe(0o600)
    expect(readFileSync(variables.LP_WEB_PIDFILE ?? '', 'utf8').trim()).toBe(await answer(variables.LP_WEB_URL))
    expect(readFileSync(variables.LP_WEB_LOGFILE ?? '', 'utf8')).toContain('listening')
  })

  test('starts what is named and what that needs', async () => {
    const { LP_PERSISTENT_TEST_SERVICES: labels } = await daemonise('api')
    expect(labels).toBe('WEB,API')
  })

  test('starts a service that is named like a subcommand after the word start', async () => {
    const ran = await run(['start', 'status', '--daemonise', '--format', 'json'])
    expect(variablesOf(ran).LP_PERSISTENT_TEST_SERVICES).toBe('STATUS')
  })

  test('takes its prefix from --prefix', async () => {
    const variables = await daemonise('web', '--prefix', 'MY')
    expect(Object.keys(variables).filter((name) => name.startsWith('LP_'))).toEqual([])
    expect(variables.MY_PERSISTENT_TEST_SERVICES).toBe('WEB')
  })

  test('a second one of the same name prints the variables of what runs', async () => {
    const first = await daemonise('api')
    for (const names of [['web'], ['api'], ['api', 'web']]) expect(await daemonise(...names)).toEqual(first)
    const second = await run(['--daemonise', 'api'])
    expect(second.stderr).toContain(`runs already (process ${first.LP_WEB_CONTROL_PID}, ready, started `)
    expect(await daemonise('web', '--name', 'other')).not.toEqual(first)
  })

  test('a second one fails when it asks for something else, and names the difference', async () => {
    const config = ['--config', 'changes.config.mjs']
    const write = (comment: string) =>
      project.write(
        'changes.config.mjs',
        `import { command, defineConfig } from 'test-services'
         const web = command({ command: ['perl', '${project.directory}/server.pl'] }) // ${comment}
         // As a template has them.
         Object.assign(web, { files: ['schema/*.sql'], restartsOnChange: false })
         export default defineConfig({ services: { web, api: web }, profiles: { ci: {} } })`,
      )
    write('first')
    const first = await daemonise('web', ...config)
    const differs = async (what: string, argv: string[], env = {}) => {
      const ran = await run(['--daemonise', ...argv, ...config], { env })
      expect(ran).toMatchObject({ code: 1, stdout: 'false;\n' })
      expect(ran.stderr).toContain(`not what was asked for: ${what}; stop it first with eval`)
    }
    await differs('it does not hold api', [])
    await differs('its prefix is LP, not MY', ['web', '--prefix', 'MY'])
    await differs('it runs unique instances, not the configured instances of "ci"', ['web'], { LP_CONFIG: 'ci' })
    const file = project.write('schema/new.sql', '')
    await differs(`${file} changed after it was started`, ['web'])
    write('second')
    await differs('the config file has changed since it was started', ['web'])
    expect(variablesOf(await run(['env', '--format', 'json', ...config]))).toEqual(first)
  })

  test('a second one fails when a service has died', async () => {
    const { LP_WEB_URL: url } = await daemonise('web')
    process.kill(Number(await answer(url)), 'SIGKILL')
    const ran = await run(['--daemonise', 'web'])
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('WEB died: it ended with signal SIGKILL') })
  })

  test('starts once when it is called twice at a time, and prints the variables twice', async () => {
    const [one, other] = await Promise.all([daemonise('web'), daemonise('web')])
    expect(one).toEqual(other)
  })

  test('waits for the end of a helper that is stopping', async () => {
    await daemonise('web')
    const stopping = run(['stop'])
    const both = await Promise.all([stopping, run(['--daemonise', 'web'])])
    // Whichever came first: the helper was seen running, or its end was waited for.
    expect(both.map(({ code }) => code)).toEqual([0, 0])
  })

  test('starts again at once after its helper was killed', async () => {
    const { LP_WEB_CONTROL_PID: pid } = await daemonise('web')
    process.kill(Number(pid), 'SIGKILL')
    expect((await daemonise('web')).LP_WEB_CONTROL_PID).not.toBe(pid)
  })
})

describe('another terminal', () => {
  test('gets the same variables by env, in a subdirectory too', async () => {
    const variables = await daemonise('web')
    const below = join(project.directory, 'a/b')
    mkdirSync(below, { recursive: true })
    for (const cwd of [project.directory, below])
      expect(variablesOf(await run(['env', '--format', 'json'], { cwd }))).toEqual(variables)
  })

  test('finds the helper by the variables of its shell, in any directory, by any name', async () => {
    const variables = await daemonise('web', '--name', 'other')
    const ran = await run(['env', '--format', 'json'], { cwd: '/', env: variables })
    expect(variablesOf(ran)).toEqual(variables)
    expect((await run(['env'], { cwd: '/', env: { ...variables, LP_WEB_CONFIGFILE: '/nowhere' } })).code).toBe(3)
  })

  test('sees what runs by status --json', async () => {
    const variables = await daemonise('api')
    const ran = await run(['status', '--json'])
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    const status = JSON.parse(ran.stdout)
    expect(status).toMatchObject({ name: 'default', state: 'ready', holderPid: Number(variables.LP_WEB_CONTROL_PID) })
    expect(status.services).toMatchObject([
      { service: 'web', kind: 'command', state: 'ready', pid: expect.any(Number), url: variables.LP_WEB_URL },
      { service: 'api', state: 'ready', uptimeMs: expect.any(Number), memoryBytes: expect.any(Number) },
    ])
  })

  test('sees by status which service has died, and fails', async () => {
    const { LP_WEB_URL: url } = await daemonise('web')
    process.kill(Number(await answer(url)), 'SIGKILL')
    const ran = await run(['status'])
    expect(ran.code).toBe(1)
    expect(ran.stdout).toMatch(/web +failed/)
    expect(ran.stdout).toContain('WEB died: it ended with signal SIGKILL')
  })

  test('prints logs, of one service as they are, of several with their names', async () => {
    await daemonise('api')
    expect(await run(['logs', 'web'])).toMatchObject({ code: 0, stdout: 'listening\n' })
    expect((await run(['logs'])).stdout).toBe('web | listening\napi | listening\n')
    const unknown = await run(['logs', 'wbe'])
    expect(unknown.code).toBe(2)
    expect(unknown.stderr).toContain('did you mean "web"?')
  })

  test('follows a log until the service has stopped, to its last line', async () => {
    project.copy('configs/talks.config.mjs')
    const config = ['--config', 'talks.config.mjs']
    await daemonise(...config)
    const followed = start(['logs', '--follow', ...config])
    await once(followed.child.stdout as Readable, 'data')
    await run(['stop', ...config])
    expect(await followed.ended).toMatchObject({ code: 0, stdout: 'first\nlast words\n' })
  })
})
