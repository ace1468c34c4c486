import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { runPaths } from '../../src/run/run-paths.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { stopHelpers } from '../support/stop-helpers.ts'
import { startProcess, useUserProject, variablesOf } from '../support/user-project.ts'

const { stateDirectory } = useCleanState()
const project = useUserProject()
const { run, start } = project

for (const name of ['late', 'prefixed', 'mixed']) project.copy(`configs/${name}.config.mjs`)

const mixed = ['--config', 'mixed.config.mjs']
const late = ['--config', 'late.config.mjs']
const prefixed = ['--config', 'prefixed.config.mjs']

afterEach(() => stopHelpers(stateDirectory))

describe('while a helper is starting', () => {
  test('status shows ready services, each with its uptime, and those still starting', async () => {
    rmSync(join(project.directory, 'go'), { force: true })
    const starting = start(['--daemonise', '--verbose', ...late])
    await starting.said('late is starting')
    const shown = await run(['status', ...late])
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringMatching(/first +ready +\d+ /) })
    expect(shown.stdout).toMatch(/late +starting +- +- +-/)
    expect(shown.stdout).toContain('still starting: late\n')
    expect((await run(['logs', ...late])).stdout).toBe('here\n')
    expect((await run(['logs', 'late', ...late])).stderr).toContain('"late" is still starting')

    await new Promise((resolve) => setTimeout(resolve, 500))
    project.write('go', '')
    expect((await starting.ended).code).toBe(0)
    const { services } = JSON.parse((await run(['status', '--json', ...late])).stdout)
    const [{ uptimeMs: ofFirst }, { uptimeMs: ofLate }] = services
    expect(ofFirst - ofLate).toBeGreaterThan(400)
  })
})

describe('a prefix that the config sets', () => {
  test('is found in the variables, from any directory', async () => {
    const variables = variablesOf(await run(['--daemonise', '--format', 'json', ...prefixed]))
    const elsewhere = { cwd: '/', env: variables }
    expect(variablesOf(await run(['env', '--format', 'json'], elsewhere))).toEqual(variables)
    expect((await run(['status'], elsewhere)).code).toBe(0)
    const stopped = await run(['--stop'], elsewhere)
    for (const name of Object.keys(variables)) expect(stopped.stdout).toContain(`unset ${name};\n`)
    expect((await run(['status', ...prefixed])).code).toBe(3)
  })

  test('is unset also after the helper has been killed', async () => {
    const variables = variablesOf(await run(['--daemonise', '--format', 'json', ...prefixed]))
    process.kill(Number(variables.XY_WEB_CONTROL_PID), 'SIGKILL')
    const stopped = await run(['--stop'], { cwd: '/', env: variables })
    expect(stopped.stderr).toContain('nothing was running')
    for (const name of Object.keys(variables)) expect(stopped.stdout).toContain(`unset ${name};\n`)
  })

  test('leaves what another helper holds under another prefix alone', async () => {
    const others = variablesOf(await run(['--daemonise', 'web', '--format', 'json']))
    const own = variablesOf(await run(['--daemonise', '--format', 'json', ...prefixed]))
    const env = { ...others, ...own }
    const { stdout } = await run(['stop', ...prefixed], { env })
    expect(stdout).toContain('unset XY_WEB_URL;')
    expect(stdout).not.toContain('LP_')
    expect((await run(['stop', '--name', 'none'], { env })).stdout).not.toContain('LP_')
    expect((await run(['status'], { env })).code).toBe(0)
  })
})

test('two helpers in one shell are both listed, and stop of one names the other', async () => {
  const first = variablesOf(await run(['--daemonise', 'web', '--format', 'json']))
  const second = variablesOf(await run(['--daemonise', '--format', 'json', ...mixed], { env: first }))
  const env = { ...first, ...second }
  expect(env.LP_PERSISTENT_TEST_SERVICES).toBe('WEB,FILES,API,OWN,BARE')
  const listed = JSON.parse((await run(['list', '--json'])).stdout) as { project: string; holderPid: number }[]
  expect(listed.map(({ holderPid }) => holderPid).sort()).toEqual(
    [first.LP_WEB_CONTROL_PID, second.LP_API_CONTROL_PID].map(Number).sort(),
  )
  expect((await run(['list'])).stdout).toMatch(
    /"default" of .*test-services\.config\.mjs: ready, started \d+ s ago, holds web,/,
  )

  const stopped = await run(['--stop', '--format', 'json', ...mixed], { env })
  expect(stopped.stderr).toMatch(/still running:\n {2}"default" of .*test-services\.config\.mjs, started /)
  const changes = JSON.parse(stopped.stdout)
  expect(changes).toMatchObject({ LP_PERSISTENT_TEST_SERVICES: 'WEB', LP_API_URL: null })
  expect(JSON.parse(changes.LP_URLS)).toEqual({ web: first.LP_WEB_URL })
  for (const name of ['LP_WEB_URL', 'WEB_URL', 'LP_ENVIRONMENT_NAMES']) expect(changes).not.toHaveProperty(name)
})

test('stop unsets a service of a stopped helper, while another has one of that name', async () => {
  const first = variablesOf(await run(['--daemonise', 'web', '--format', 'json']))
  expect((await run(['stop'])).code).toBe(0)
  const second = variablesOf(await run(['--daemonise', 'web', '--name', 'other', '--format', 'json']))
  expect(second.LP_WEB_HOST).toBe(first.LP_WEB_HOST)
  const changes = JSON.parse((await run(['--stop', '--format', 'json'], { env: first })).stdout)
  expect(changes).toEqual(Object.fromEntries(Object.keys(first).map((name) => [name, null])))
  expect((await run(['status', '--name', 'other'])).code).toBe(0)
})

test('stop on a terminal names the line that unsets the variables of the shell', async ({ skip }) => {
  skip(!existsSync('/usr/bin/script'), '/usr/bin/script is not installed (apt install bsdutils)')
  const stopIn = (env: NodeJS.ProcessEnv) =>
    startProcess(['script', '-qec', `"${process.execPath}" "${project.command}" --stop`, '/dev/null'], {
      cwd: project.directory,
      env,
    }).ended
  expect((await stopIn({})).stdout).toMatch(/nothing was running [^\n]*\r\n$/)
  const { stdout } = await stopIn({ LP_PERSISTENT_TEST_SERVICES: 'WEB', LP_WEB_URL: 'http://127.0.0.1:1' })
  expect(stdout).toMatch(/this shell still has the variables; to unset them: eval "\$\(.* --stop\)"\r\n$/)
  expect(stdout).not.toContain('unset LP')
})

test('stop unsets the plain names of the config, also when the helper has been killed', async () => {
  const variables = variablesOf(await run(['--daemonise', '--format', 'json']))
  expect(variables.LP_ENVIRONMENT_NAMES).toBe('WEB_URL,ODD')
  process.kill(Number(variables.LP_WEB_CONTROL_PID), 'SIGKILL')
  const stopped = await run(['--stop'], { env: variables })
  expect(stopped.stderr).toContain('nothing was running')
  for (const name of Object.keys(variables)) expect(stopped.stdout).toContain(`unset ${name};\n`)
})

test('a stale pid in a variable stops nobody', async () => {
  const { LP_WEB_CONTROL_PID: pid = '' } = variablesOf(await run(['--daemonise', 'web', '--format', 'json']))
  const env = {
    LP_PERSISTENT_TEST_SERVICES: 'WEB',
    LP_WEB_CONTROL_PID: pid,
    LP_WEB_CONFIGFILE: `${stateDirectory}/runs/gone/WEB/config.json`,
  }
  const ran = await run(['stop'], { cwd: '/', env })
  expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining('nothing was running') })
  expect((await run(['status'])).code).toBe(0)
})

test('a config is the same through a symbolic link', async () => {
  symlinkSync(project.directory, join(project.directory, 'link'))
  const linked = ['--config', join(project.directory, 'link/test-services.config.mjs')]
  expect((await run(['--daemonise', 'web'])).code).toBe(0)
  expect((await run(['status', ...linked])).code).toBe(0)
  expect((await run(['--daemonise', 'web', ...linked])).stderr).toContain('runs already')
  expect((await run(['stop', ...linked])).code).toBe(0)
  expect((await run(['--daemonise', 'web', ...linked])).code).toBe(0)
  expect((await run(['status'])).code).toBe(0)
})

describe('reset', () => {
  test('suggests the nearest name for a service that is not up', async () => {
    expect((await run(['--daemonise', 'web'])).code).toBe(0)
    const ran = await run(['reset', 'wbe'])
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean "web"?') })
    expect((await run(['reset', 'web'])).stderr).toMatch(/^checked web, which keeps its state, in \d+ ms\n$/)
  })

  test('tells what was reset from what was only checked', async () => {
    expect((await run(['--daemonise', ...mixed])).code).toBe(0)
    const { stderr } = await run(['reset', ...mixed])
    expect(stderr).toMatch(/^reset files, own; checked api, bare, which keep their state, in /)
  })

  test('gives up on a helper that does not answer', async () => {
    const { LP_WEB_CONTROL_PID: pid } = variablesOf(await run(['--daemonise', 'web', '--format', 'json']))
    process.kill(Number(pid), 'SIGSTOP')
    try {
      const ran = await run(['reset', '--timeout', '300ms'])
      expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining(`process ${pid}, took longer than 300 ms`) })
    } finally {
      process.kill(Number(pid), 'SIGCONT')
    }
  })
})

describe('sweep', () => {
  test.each([[[]], [['--dry-run']]])('names what lies in quarantine, and fails as long as it does %j', async (argv) => {
    const kept = join(runPaths.quarantine(stateDirectory), 'damaged-run')
    mkdirSync(kept, { recursive: true })
    const ran = await run(['sweep', ...argv])
    expect(ran).toMatchObject({ code: 1, stdout: expect.stringContaining(`in quarantine: ${kept}\n`) })
    expect(ran.stdout).not.toContain('nothing was left behind')
    rmSync(kept, { recursive: true })
    expect(await run(['sweep', ...argv])).toMatchObject({ code: 0, stdout: 'nothing was left behind\n' })
  })
})
