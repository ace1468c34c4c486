import { closeSync, existsSync, openSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useCleanState } from '../support/left-nothing.ts'
import { cases } from '../support/repeats.ts'
import { stopHelpers } from '../support/stop-helpers.ts'
import { oddValue, useUserProject, variablesOf } from '../support/user-project.ts'

const { stateDirectory } = useCleanState()
const { run } = useUserProject()
const escapeCharacter = String.fromCharCode(27)

describe('standard output', () => {
  const likeSh = [
    ['bash', 'export LP_WEB_HOST=127.0.0.1;'],
    ['zsh', 'export LP_WEB_HOST=127.0.0.1;'],
  ] as const
  const different = [
    ['sh', 'export LP_WEB_HOST=127.0.0.1;'],
    ['fish', "set -gx LP_WEB_HOST '127.0.0.1';"],
    ['csh', "setenv LP_WEB_HOST '127.0.0.1';"],
    ['powershell', "$env:LP_WEB_HOST = '127.0.0.1';"],
  ] as const

  test('has the words of --shell', async () => {
    const variables = variablesOf(await run(['--daemonise', 'web', '--format', 'json']))
    const shells = cases<readonly [string, string]>(different, likeSh)
    for (const [shell, line] of shells) {
      const started = await run(['--daemonise', 'web', '--shell', shell])
      expect(started.stdout.split('\n'), started.stderr).toContain(line)
    }
    await stopHelpers(stateDirectory)
    for (const [shell] of shells) {
      const stopped = await run(['--stop', `--shell=${shell}`], { env: variables })
      expect(stopped.stdout, shell).toContain('LP_WEB_HOST')
      expect(stopped.stdout, shell).not.toContain('127.0.0.1')
    }
  })

  test('has one text that is evaluated, and standard error the rest', async () => {
    const started = await run(['--daemonise', '--format', 'json'])
    expect(JSON.parse(started.stdout).ODD).toBe(oddValue)
    expect(started.stderr).toMatch(/^✔ web is ready \d/m)
    const stopped = await run(['--stop', '--format', 'json'])
    expect(Object.values(JSON.parse(stopped.stdout)).every((value) => value === null)).toBe(true)
    expect(stopped.stderr).toContain('stopped "default"')
  })

  test.each([
    [[], 'false;\n'],
    [['--shell', 'fish'], 'false;\n'],
    [['--shell=csh'], 'false;\n'],
    [['--shell', 'powershell'], "throw 'test-services failed, see the message above';\n"],
    [['--format', 'json'], ''],
    [['--format', 'dotenv'], ''],
  ])('fails the reader when the start fails, with %j', async (options, stdout) => {
    expect(await run(['--daemonise', 'nosuch', ...options])).toMatchObject({ code: 2, stdout })
    expect(await run([...options, 'env'])).toMatchObject({ code: 3, stdout })
  })

  test('has nothing of a failure where nothing is evaluated', async () => {
    for (const argv of [['status'], ['logs'], ['reset'], ['exec', 'nosuch', '--', 'true'], ['--name', 'x', 'status']]) {
      const ran = await run(argv)
      expect(ran.code, argv.join(' ')).toBeGreaterThan(1)
      expect(ran.stdout, argv.join(' ')).toBe('')
    }
  })

  test('is untouched by what a config prints', async () => {
    const ran = await noisy.run(['exec', '--', process.execPath, '-p', '1'], { env: { NOISE: 'noise' } })
    expect(ran).toMatchObject({ code: 0, stdout: '1\n' })
    expect(ran.stderr).toContain('noise')
  })
})

const noisy = useUserProject('keeps-running')

describe('standard error', () => {
  test('has nothing with --quiet when all goes well, and the error when not', async () => {
    expect(await run(['exec', 'web', '--quiet', '--', 'true'])).toMatchObject({ code: 0, stderr: '' })
    expect((await run(['-q', 'status'])).stderr).toMatch(/^error: nothing is running/)
  })

  test('has every step with --verbose, and where an error comes from', async () => {
    const ran = await run(['exec', 'web', '--verbose', '--', 'true'])
    expect(ran.stderr.match(/web is \w+/g)).toEqual([
      'web is starting',
      'web is ready',
      'web is stopping',
      'web is stopped',
    ])
    expect((await run(['status', '--verbose'])).stderr).toMatch(/^error: NotRunningError: .*\n(.*\n)*? +at /)
  })

  test('has colours on a terminal or with FORCE_COLOR, and never with NO_COLOR', async () => {
    const coloured = async (env: NodeJS.ProcessEnv) => (await run(['status'], { env })).stderr.includes(escapeCharacter)
    expect(await coloured({})).toBe(false)
    expect(await coloured({ FORCE_COLOR: '1' })).toBe(true)
    expect(await coloured({ FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false)
  })
})

describe.skipIf(!existsSync('/dev/full'))('no room', () => {
  let full: number
  beforeAll(() => {
    full = openSync('/dev/full', 'w')
  })
  afterAll(() => closeSync(full))

  test('for messages on standard error is no reason to run nothing', async () => {
    const ran = await run(['exec', 'web', '--', 'sh', '-c', 'echo ran; exit 7'], { stdio: ['ignore', 'pipe', full] })
    expect(ran).toMatchObject({ code: 7, stdout: 'ran\n' })
  })

  test('for what is to be evaluated or read is an error', async () => {
    for (const argv of [['--daemonise', 'web'], ['status'], ['env'], ['stop']]) {
      const ran = await run(argv, { stdio: ['ignore', full, 'pipe'] })
      expect(ran.code, argv.join(' ')).toBe(1)
      expect(ran.stderr).toMatch(/error: there is no room for standard output \(ENOSPC/)
      expect(ran.stderr).not.toMatch(/^ +at /m)
      // The start that failed has ended its helper.
      await run(['--daemonise', 'web'])
    }
    await stopHelpers(stateDirectory)
  })
})

describe('the command ends', () => {
  test('though a config has left a timer', async () => {
    expect(await noisy.run(['exec', '--', 'true'])).toMatchObject({ code: 0 })
    expect(await noisy.run(['--daemonise'])).toMatchObject({ code: 0 })
    expect(await noisy.run(['stop'])).toMatchObject({ code: 0 })
  })

  test('with 0 for --version and --help, which has examples', async () => {
    expect(await run(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
    const help = await run(['--help'])
    expect(help).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('Examples:') })
    expect(await run(['exec', '--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('--timeout') })
  })
})
