import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { holderClaim } from '../../src/helper/holder-record.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { stopHelpers } from '../support/stop-helpers.ts'
import { useUserProject, variablesOf } from '../support/user-project.ts'

const { stateDirectory } = useCleanState()
const project = useUserProject()
const { run, start } = project

afterEach(() => stopHelpers(stateDirectory))

const pidFile = 'api.pidfile'
const copiesPid = [process.execPath, project.copy('programs/copies-its-pidfile.mjs'), pidFile]

async function pidByFile(): Promise<number> {
  return Number(readFileSync(join(project.directory, pidFile), 'utf8'))
}

async function pidByStatus(): Promise<number> {
  const { services } = JSON.parse((await run(['status', '--json'])).stdout) as {
    services: { service: string; pid: number }[]
  }
  return services.find(({ service }) => service === 'api')?.pid ?? -1
}

describe.each([
  ['the foreground command', [], pidByStatus],
  ['exec', ['exec', '--quiet', '--', ...copiesPid], pidByFile],
] as const)('a service that dies while %s holds it', (kind, argv, pidOf) => {
  test('is told at once, with the end of its log, and is not said to be stopped', async () => {
    const held = start(argv)
    await held.said('everything is ready')
    process.kill(await pidOf(), 'SIGKILL')
    await held.said(/API died: it ended with signal SIGKILL[\s\S]*\n {4}listening\n {2}whole log: \S+\n/)
    held.child.kill('SIGTERM')
    const { stderr } = await held.ended
    expect(stderr.match(/died/g)).toHaveLength(1)
    expect(stderr).not.toContain('api is stopped')
    expect(stderr.includes('web is stopped')).toBe(kind !== 'exec')
  })

  test('that is stopped in order is not said to have died', async () => {
    const held = start(argv)
    await held.said('everything is ready')
    held.child.kill('SIGTERM')
    expect((await held.ended).stderr).not.toContain('died')
  })
})

test('status and list call no helper with a dead service ready; its log has the death', async () => {
  const { LP_API_PIDFILE = '' } = variablesOf(await run(['--daemonise', '--format', 'json']))
  process.kill(Number(readFileSync(LP_API_PIDFILE, 'utf8')), 'SIGKILL')
  const shown = await run(['status'])
  expect(shown.code).toBe(1)
  expect(shown.stdout.split('\n')[0]).toMatch(/: failed, held by process \d+$/)
  expect(shown.stdout).toMatch(/API died: it ended with signal SIGKILL/)
  expect((await run(['list'])).stdout).toMatch(/test-services\.config\.mjs: failed, started /)
  expect(JSON.parse((await run(['list', '--json'])).stdout)).toMatchObject([{ state: 'failed' }])
  const [log = ''] = readdirSync(join(stateDirectory, 'helpers'))
  const logged = readFileSync(join(stateDirectory, 'helpers', log), 'utf8')
  expect(logged).toMatch(/Z helper \d+: API died: it ended with signal SIGKILL[\s\S]*whole log/)
  expect(shown.stdout).toContain('stop what is left with eval "$(npx test-services --stop)", then start it again\n')
  const again = JSON.parse((await run(['status', '--json'])).stdout)
  expect(again.state).toBe('failed')
  expect(again.services.find(({ service }: { service: string }) => service === 'api').problem).toContain(
    /whole log: \S+/.exec(shown.stdout)?.[0],
  )
})

test.skipIf(!existsSync('/dev/full'))('a helper whose log has no room goes on with the other services', async () => {
  const helpers = join(stateDirectory, 'helpers')
  const log = join(helpers, `${holderClaim(join(project.directory, 'test-services.config.mjs'), 'full')}.log`)
  mkdirSync(helpers, { recursive: true, mode: 0o700 })
  symlinkSync('/dev/full', log)
  onTestFinished(() => rmSync(log))
  onTestFinished(async () => void (await run(['stop', '--name', 'full'])))
  const variables = variablesOf(await run(['--daemonise', '--name', 'full', '--format', 'json']))
  process.kill(Number(readFileSync(variables.LP_API_PIDFILE ?? '', 'utf8')), 'SIGKILL')
  const { stdout } = await run(['status', '--name', 'full'])
  expect(stdout).toMatch(/API died: it ended with signal SIGKILL/)
  expect(await (await fetch(variables.LP_WEB_URL ?? '')).text()).toMatch(/^\d+$/)
})
