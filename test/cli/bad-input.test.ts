import { once } from 'node:events'
import { realpathSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { useCleanState } from '../support/left-nothing.ts'
import { useUserProject, variablesOf } from '../support/user-project.ts'

useCleanState()
const project = useUserProject()
const { run } = project

function configFile(services: string, rest = ''): string {
  configs += 1
  const content = `
    import { command, defineConfig, ready } from 'test-services'
    const node = (program, options) => command({ command: [process.execPath, '-e', program], ...options })
    export default defineConfig({ services: { ${services} }, ${rest} })`
  return project.write(`bad-${configs}.config.mjs`, content)
}

let configs = 0

/** A start that fails: one message, `false`, the exit code; without a trace of Node's. */
async function failure(argv: readonly string[], code = 1): Promise<string> {
  const ran = await run(['--daemonise', ...argv])
  expect(ran).toMatchObject({ code, stdout: 'false;\n' })
  expect(ran.stderr).not.toMatch(/^ +at /m)
  expect(ran.stderr.match(/^error: /gm)).toHaveLength(1)
  return ran.stderr
}

test('a start without a config file names the files looked for, and what it starts', async () => {
  const { stderr } = await run(['exec', '--timeout', '1ms', '--', 'true'], { cwd: '/' })
  expect(stderr).toContain(
    'no test-services.config file (.ts, .mts, .js, .mjs, .cjs) in / or above it: starting the bundled postgres\n',
  )
  expect((await run(['exec', 'web', '--timeout', '1ms', '--', 'true'])).stderr).not.toContain('no test-services.config')
})

test('a config file in CommonJS is found', async () => {
  const cwd = dirname(
    project.write(
      'cjs/test-services.config.cjs',
      `module.exports = require('test-services').defineConfig({ services: {} })`,
    ),
  )
  expect(await run(['exec', '--', 'true'], { cwd })).toMatchObject({ code: 0, stderr: '' })
})

test.each([
  ['/proc', '.'],
  ['/nonexistent', 'in-typescript'],
])('the temporary directory %s, which cannot be used, is refused by name', async (TMPDIR, directory) => {
  project.write('in-typescript/test-services.config.ts', `export { default } from '../test-services.config.mjs'`)
  const cwd = join(project.directory, directory)
  const ran = await run(['exec', 'web', '-q', '--', 'true'], { cwd, env: { TMPDIR } })
  expect(ran.code).toBe(125)
  expect(ran.stderr).toContain(`error: the temporary directory ${TMPDIR} cannot be used: `)
  expect(ran.stderr).toContain('; set TMPDIR to a directory that you can write to')
})

describe('wrong usage ends with 2 and names what is nearest', () => {
  test.each([
    [['--daemonise', 'wbe'], 'did you mean "web"?'],
    [['statsu'], 'the subcommand "status"'],
    [['--daemonize'], 'Did you mean --daemonise?'],
    [
      ['-i', 'ci', '--daemonise'],
      'there is no -i: the environment chooses an instance, LP_CONFIG=ci npx test-services',
    ],
    [['exec', '--tiemout', '1s', '--', 'true'], 'Did you mean --timeout?'],
    [['--shell', 'tcsh', '--daemonise'], 'did you mean "csh"?'],
    [['--format', 'jsno', 'env'], 'did you mean "json"?'],
    [['--timeout', 'soon', '--daemonise'], 'expected a duration such as 90s'],
    [['--prefix', 'my', '--daemonise'], 'expected capital letters'],
    [['--stop', '--daemonise'], '--stop and --daemonise exclude each other'],
    [['--stop', 'web'], '--stop takes no service (web): it stops all that the helper holds'],
    [['help', 'nowhere'], '"nowhere" is no subcommand; there are start, stop, exec'],
    [['help', 'statsu'], '"statsu" is no subcommand (did you mean "status"?)'],
    [['stop', 'web'], 'too many arguments'],
    [['exec', 'web'], 'npx test-services exec web -- COMMAND'],
    [['exec', 'redis', 'npm', 'test'], 'npx test-services exec redis -- npm test'],
    [['exec'], 'npx test-services exec -- COMMAND'],
    [['web', '--', 'npm', 'test'], 'npx test-services exec -- npm test'],
  ])('%j', async (argv, message) => {
    const ran = await run(argv)
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain(message)
    expect(ran.stderr).not.toMatch(/^ +at /m)
  })
})

describe('a config with a mistake', () => {
  test('that does not parse is named, with the place', async () => {
    const file = project.write('syntax.config.mjs', 'export default {\n  services: {{\n}')
    expect(await failure(['--config', file])).toContain(file)
  })

  test('that is not there is named', async () => {
    expect(await failure(['--config', 'nosuch.mjs'])).toContain(
      `there is no config file ${project.directory}/nosuch.mjs`,
    )
  })

  test('that exports nothing says what to write', async () => {
    const file = project.write('empty.config.mjs', '')
    expect(await failure(['--config', file])).toContain('export default defineConfig(')
  })

  test('with an unknown key is named with its path', async () => {
    expect(await failure(['--config', configFile('web: node("")', 'servces: {}')])).toContain('servces')
  })

  test('with a path without a slash to ask over HTTP is refused when it is read', async () => {
    const said = await failure(['--config', configFile(`it: node("", { ready: ready.http('healthz') })`)])
    expect(said).toContain('ready.http("healthz"): expected a path that begins with "/"')
    expect(said).toMatch(/^error: \S+\.config\.mjs: /)
  })

  test('with a cycle prints the chain', async () => {
    const services = 'a: node("", { needs: ["b"] }), b: node("", { needs: ["a"] })'
    expect(await failure(['--config', configFile(services)])).toContain('a → b → a')
  })

  test('with an environment that has no value for a name says which, before all are up', async () => {
    const endless = 'node("setInterval(() => {}, 1000)", { port: false'
    const file = configFile(
      `web: ${endless} }), late: ${endless}, ready: ready.log("never") })`,
      'environment: ({ web }) => ({ WEB_URL: web.urll })',
    )
    const said = await failure(['--config', file])
    expect(said).toContain(`the config's "environment" in ${file} returned undefined for WEB_URL; check the spelling`)
    expect(said).toContain(': web has no "urll" (did you mean "url"?)')
  })

  test('that throws says what and where', async () => {
    const file = project.write('throws.config.mjs', '\n\nthrow new Error("no luck")')
    const said = await run(['--daemonise', '--config', file])
    expect(said).toMatchObject({ code: 1, stdout: 'false;\n', stderr: expect.stringContaining('no luck') })
    expect(said.stderr).toContain('throws.config.mjs:3')
  })
})

describe('a service that cannot be started', () => {
  test('because it exits names the exit status, the end of its log, and where the log is', async () => {
    const said = await failure(['--config', configFile(`it: node('console.error("no luck"); process.exit(3)')`)])
    expect(said).toContain('exit status 3')
    expect(said).toContain('    no luck\n')
    expect(said).toMatch(/whole log: \S+\.log$/m)
  })

  test('because it is never ready names what was waited for, and the time', async () => {
    const services = `it: node('setInterval(() => {}, 1000)', { ready: ready.http('/healthz') })`
    const said = await failure(['--config', configFile(services), '--timeout', '300ms'])
    expect(said).toContain('300 ms')
    expect(said).toContain('/healthz')
  })

  test('because its program is missing names it', async () => {
    const services = 'it: command({ command: ["nosuch-program"], environment: { PATH: "/a:/b:/c:/d:/e" } })'
    expect(await failure(['--config', configFile(services)])).toContain(
      'IT cannot be started: cannot run "nosuch-program": it is in none of the directories of PATH (/a:/b:/c and 2 more)',
    )
  })

  test('because its port is taken names the port', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const services = `it: command({ command: ['perl', 'server.pl'], port: ${port} })`
    try {
      expect(await failure(['--config', configFile(services)])).toContain(`port ${port} is already in use`)
    } finally {
      other.close()
    }
  })

  test('because our helper has its port names the helper, and what stops the helper', async () => {
    const first = project.write(
      'first/test-services.config.mjs',
      `export { default } from '../test-services.config.mjs'`,
    )
    project.copy('programs/serves-pid.pl', 'first/server.pl')
    const helper = ['--config', first, '--name', 'first']
    const { LP_WEB_PORT: port, LP_WEB_CONTROL_PID: pid } = variablesOf(
      await run(['web', '--daemonise', '--format', 'json', ...helper]),
    )
    const said = await failure([
      '--config',
      configFile(`it: command({ command: ['perl', 'server.pl'], port: ${port} })`),
    ])
    const path = realpathSync(first)
    expect(said).toMatch(
      new RegExp(
        `port ${port} is already in use by process \\d+, a service of the helper "first" of ${path} \\(process ${pid}\\); `,
      ),
    )
    expect(said).toContain(
      `stop it with "npx test-services stop --config ${path} --name first", or choose another port`,
    )
    expect((await run(['stop', ...helper])).stderr).toContain('stopped "first"')
  })

  test('takes those with it that were ready; the causes are told one by one', async () => {
    const services = `web: command({ command: ['perl', 'server.pl'] }),
      one: node('process.exit(3)', { needs: ['web'] }), two: node('process.exit(4)', { needs: ['web'] })`
    const said = await failure(['--config', configFile(services)])
    expect(said).toMatch(/web is ready[\s\S]*web is stopped/)
    expect(said).toMatch(/exit status [34]/)
  })

  test('makes exec end with 125, and the command is not run', async () => {
    const file = configFile(`it: node('process.exit(3)')`)
    const ran = await run(['exec', '--config', file, '--', 'echo', 'ran'])
    expect(ran).toMatchObject({ code: 125, stdout: '' })
    expect(await run(['exec', '--config', 'nosuch.mjs', '--', 'echo', 'ran'])).toMatchObject({ code: 125, stdout: '' })
  })
})

describe('nothing is running', () => {
  test.each(['status', 'env', 'logs', 'reset'])('%s ends with 3 and says how to start', async (subcommand) => {
    const ran = await run([subcommand])
    expect(ran.code).toBe(3)
    expect(ran.stderr).toContain('eval "$(npx test-services --daemonise)"')
  })

  test('hints keep --config and --name', async () => {
    const file = configFile('web: node("")')
    const { stderr } = await run(['status', '--config', file, '--name', 'it is'])
    expect(stderr).toContain(`eval "$(npx test-services --config ${file} --name 'it is' --daemonise)"`)
  })

  test('for a config file that is not there says so', async () => {
    const ran = await run(['status', '--config', 'nope.ts'])
    expect(ran).toMatchObject({ code: 3, stderr: expect.stringContaining('/nope.ts: there is no such config file') })
  })

  test.each([['stop'], ['--stop']])('%s ends with 0 and unsets what the shell has', async (word) => {
    const env = { LP_PERSISTENT_TEST_SERVICES: 'DB', LP_DB_URL: 'x', LP_DB_CONTROL_PID: '1', LP_DBX_URL: 'y' }
    const ran = await run([word], { env })
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining('nothing was running') })
    expect(ran.stdout.split('\n').sort()).toEqual(
      ['', 'unset LP_DB_CONTROL_PID;', 'unset LP_DB_URL;', 'unset LP_PERSISTENT_TEST_SERVICES;'].sort(),
    )
  })
})
