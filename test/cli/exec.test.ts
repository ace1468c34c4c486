import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { identify } from '../../src/process/inspect/identity.ts'
import { processesOf, useCleanState } from '../support/left-nothing.ts'
import { program } from '../support/programs.ts'
import { cases } from '../support/repeats.ts'
import { startProcess, useUserProject } from '../support/user-project.ts'

const { stateDirectory } = useCleanState()
const project = useUserProject()
const { run, start } = project

/** A command that prints the answer of the web service, which is its pid. */
const asksWeb = [process.execPath, '-e', 'fetch(process.env.WEB_URL).then((r) => r.text()).then(console.log)']
const self = (...argv: string[]): string[] => [process.execPath, project.command, ...argv]

describe('exec', () => {
  test('runs a command with the services up and its variables set, and takes them down', async () => {
    const ran = await run(['exec', '--', ...asksWeb])
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\n$/) })
    expect(identify(Number(ran.stdout))).toBeUndefined()
  })

  test('declares its instances, so that tests in the command attach to them', async () => {
    const print = [process.execPath, '-p', 'process.env.LP_PERSISTENT_TEST_SERVICES']
    expect((await run(['exec', 'web', '--', ...print])).stdout).toBe('WEB\n')
  })

  test('ends with the exit code of the command', async () => {
    expect((await run(['exec', 'web', '--', 'sh', '-c', 'exit 7'])).code).toBe(7)
  })

  test('ends with 128+n when a signal ended the command', async () => {
    expect((await run(['exec', 'web', '--', 'sh', '-c', 'kill -TERM $$'])).code).toBe(143)
    expect((await run(['exec', 'web', '--', 'sh', '-c', 'kill -KILL $$'])).code).toBe(137)
  })

  test('refuses a profile that there is not, as start does', async () => {
    const env = { LP_CONFIG: 'prod' }
    const asked = await Promise.all([run(['exec', 'web', '--', 'true'], { env }), run(['start', 'web'], { env })])
    expect(asked.map(({ code }) => code)).toEqual([125, 1])
    for (const { stderr } of asked)
      expect(stderr).toMatch(
        /profiles\.prod, which LP_CONFIG asks for: there is no such profile in .*; it has no profiles/,
      )
  })

  test('ends with 127 when there is no such command, with 126 when it cannot be executed', async () => {
    const missing = await run(['exec', 'web', '--', 'nosuch-command'])
    expect(missing).toMatchObject({ code: 127, stderr: expect.stringContaining('cannot run "nosuch-command"') })
    const file = project.write('plain.txt', 'text')
    expect(await run(['exec', 'web', '--', file])).toMatchObject({ code: 126 })
  })

  test('takes a service named like a subcommand, and passes every argument unchanged', async () => {
    const echo = [process.execPath, '-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--']
    const odd = ['--', '--quiet', '', '$(x)', 'a b', '-n', "it's"]
    expect(JSON.parse((await run(['exec', 'status', '--', ...echo, ...odd])).stdout)).toEqual(odd)
  })

  test('gives the command its standard input', async () => {
    const ran = startProcess(self('exec', 'web', '--', 'cat'), {
      cwd: project.directory,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    ran.child.stdin?.end('to the command')
    expect(await ran.ended).toMatchObject({ code: 0, stdout: 'to the command' })
  })

  test('works with standard input closed', async () => {
    const line = `exec 0<&-; exec "$@"`
    const ran = startProcess(['sh', '-c', line, 'sh', ...self('exec', 'web', '--', ...asksWeb)], {
      cwd: project.directory,
    })
    expect(await ran.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\n$/) })
  })

  test('gives an exec within it instances of its own', async () => {
    const inner = self('exec', 'web', '-q', '--', ...asksWeb)
    const both = ['sh', '-c', `"$0" "$@"; '${process.execPath}' -e '${asksWeb[2]}'`, ...inner]
    const pids = (await run(['exec', 'web', '--', ...both])).stdout.trim().split('\n')
    expect(new Set(pids).size).toBe(2)
  })

  test('ends what the command left running', async () => {
    const ran = await run(['exec', 'web', '--', 'sh', '-c', 'sleep 1000 >/dev/null 2>&1 & echo $!'])
    expect(identify(Number(ran.stdout))).toBeUndefined()
  })
})

describe('a command of exec', () => {
  const ours = (...argv: string[]): string => ['"$0"', '"$1"', ...argv].join(' ')
  const shell = (script: string): string[] => ['sh', '-ec', script, process.execPath, project.command]

  test('resets, looks at and prints what is held for it', async () => {
    const script = [ours('reset', 'web'), ours('status', '--json'), ours('env', '--format', 'json'), ours('logs')].join(
      '; ',
    )
    const ran = await run(['exec', 'web', '-q', '--', ...shell(script)])
    expect(ran.code, ran.stderr).toBe(0)
    expect(ran.stderr).toMatch(/^checked web, which keeps its state, in /)
    const [status, env, log] = ran.stdout.split(/(?<=^\}\n)/m)
    expect(JSON.parse(status ?? '')).toMatchObject({ state: 'ready', services: [{ service: 'web', state: 'ready' }] })
    expect(JSON.parse(env ?? '')).toMatchObject({ LP_PERSISTENT_TEST_SERVICES: 'WEB' })
    expect(log).toBe('listening\n')
  })

  test('means the innermost exec, and a helper only by stop and by its name', async () => {
    expect((await run(['--daemonise', 'status', '--name', 'beside'])).code).toBe(0)
    const inner = `${ours('exec', 'web', '-q', '--')} sh -ec '${ours('status', '--json')}' "$0" "$1"`
    const script = [inner, ours('status', '--json', '--name', 'beside'), ours('--stop', '--name', 'beside')].join('; ')
    const ran = await run(['exec', 'api', '-q', '--', ...shell(script)])
    expect(ran.code, ran.stderr).toBe(0)
    const [innermost, helper] = ran.stdout.split(/(?<=^\}\n)/m)
    expect(JSON.parse(innermost ?? '').services.map(({ service }: { service: string }) => service)).toEqual(['web'])
    expect(JSON.parse(helper ?? '')).toMatchObject({ name: 'beside', services: [{ service: 'status' }] })
    expect(await run(['status', '--name', 'beside'])).toMatchObject({ code: 3 })
  })

  test('resets what is held for it by a config that is compiled to CommonJS', async () => {
    project.write('commonjs/package.json', '{}')
    project.write(
      'commonjs/test-services.config.ts',
      `import { defineConfig } from 'test-services'
       import { librarian } from 'test-services/fixtures/librarian'
       export default defineConfig({ services: { files: librarian() } })`,
    )
    const cwd = join(project.directory, 'commonjs')
    expect(await run(['exec', '-q', '--', ...shell(ours('reset'))], { cwd })).toMatchObject({ code: 0 })
  })

  test('is not found from outside, and is no helper', async () => {
    const running = start(['exec', 'web', '--', 'sh', '-c', 'echo runs >&2; read line'], {
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    await running.said('runs')
    expect((await run(['status'])).code).toBe(3)
    expect(await run(['list'])).toMatchObject({ code: 0, stdout: 'nothing is running\n' })
    running.child.stdin?.end('\n')
    expect((await running.ended).code).toBe(0)
  })
})

describe('the variables of exec', () => {
  const print = [process.execPath, '-p', 'JSON.stringify(process.env)']

  test('join the services that are declared already', async () => {
    const env = { LP_PERSISTENT_TEST_SERVICES: 'DB', LP_DB_URL: 'x', LP_URLS: '{"db":"x"}', LP_ENVIRONMENT_NAMES: 'DB' }
    const { stdout } = await run(['exec', 'web', '-q', '--', ...print], { env })
    const variables = JSON.parse(stdout)
    expect(variables).toMatchObject({ LP_PERSISTENT_TEST_SERVICES: 'DB,WEB', LP_DB_URL: 'x' })
    expect(variables.LP_ENVIRONMENT_NAMES).toBe('DB,WEB_URL,ODD')
    expect(JSON.parse(variables.LP_URLS)).toEqual({ db: 'x', web: variables.LP_WEB_URL })
  })

  test('say that the ports of a profile are not used', async () => {
    project.copy('configs/profiled.config.mjs')
    const env = { LP_CONFIG: 'development' }
    const ran = await run(['exec', '--config', 'profiled.config.mjs', '--', 'true'], { env })
    expect(ran.stderr).toMatch(/^exec starts instances of its own: the ports and data of the profile "development" are/)
    expect(ran.code).toBe(0)
  })
})

const records = program('records-signals')

describe('a signal to exec', () => {
  test.each<NodeJS.Signals>(cases(['SIGINT'], ['SIGTERM', 'SIGHUP']))(
    'alone, %s, is handed on to the command',
    async (name) => {
      const running = start(['exec', 'web', '--', ...records])
      await running.said('recording')
      process.kill(running.pid, name)
      expect(await running.ended).toMatchObject({ code: 9, stdout: `${name}\n` })
    },
  )

  test('that comes when the services are ready, before the command, ends it all the same', async () => {
    const running = start(['exec', 'web', '--', 'sleep', '8'])
    await running.said('web is ready')
    process.kill(running.pid, 'SIGTERM')
    expect(await running.ended).toMatchObject({ code: 143, stderr: expect.stringContaining('web is stopped') })
  })

  test('twice kills the command', async () => {
    const deaf = `process.on('SIGTERM', () => console.error('deaf')); setInterval(() => {}, 1000); console.error('up')`
    const running = start(['exec', 'web', '--', process.execPath, '-e', deaf])
    await running.said('up')
    process.kill(running.pid, 'SIGTERM')
    await running.said('deaf')
    await secondSignal(running.pid)
    expect(await running.ended).toMatchObject({ code: 137 })
  })

  test('ends a command that is an npm script', async () => {
    project.copy('programs/records-signals.mjs')
    project.write('package.json', JSON.stringify({ type: 'module', scripts: { go: 'node records-signals.mjs' } }))
    const running = start(['exec', 'web', '--', 'npm', 'run', '--silent', 'go'])
    await running.said('recording')
    process.kill(running.pid, 'SIGTERM')
    // What npm does with it is npm's: of the script nothing is left in any case.
    expect((await running.ended).code).toBeGreaterThan(0)
    expect(processesOf(stateDirectory)).toEqual([])
  })
})

/** A signal within 100 ms of the first counts as the same one. */
async function secondSignal(pid: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 150))
  process.kill(pid, 'SIGTERM')
}
