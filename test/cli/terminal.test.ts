import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { randomName } from '../../src/host/secret.ts'
import { eventually } from '../support/eventually.ts'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { cleanEnvironment, useUserProject } from '../support/user-project.ts'

const { stateDirectory } = useCleanState()
const project = useUserProject()
const server = `ts-${randomName(8)}`
const isInstalled = hasTmux()

/** A start takes a moment, and two terminals more. */
const limitMs = 15_000

function hasTmux(): boolean {
  try {
    execFileSync('tmux', ['-V'])
    return true
  } catch (thrown) {
    if (process.env.CI) throw thrown
    return false
  }
}

/** Without the mark of our state: the terminals are not what is looked for at the end. */
const { LP_STATE_DIR: _, ...env } = cleanEnvironment()

function tmux(...argv: string[]): string {
  return execFileSync('tmux', ['-L', server, '-f', '/dev/null', ...argv], { encoding: 'utf8', env })
}

/** A terminal with a shell in the project, in which `t` is the command. */
function openTerminal(name: string, columns = 100): void {
  const start = `exec bash --rcfile '${join(project.directory, 'bashrc')}'`
  tmux('new-session', '-d', '-s', name, '-x', String(columns), '-y', '40', '-c', project.directory, start)
}

const type = (name: string, ...keys: string[]): string => tmux('send-keys', '-t', name, ...keys)
const screen = (name: string): string => tmux('capture-pane', '-p', '-J', '-t', name).trimEnd()

async function shows(name: string, what: string | RegExp): Promise<string> {
  const ask = () => (typeof what === 'string' ? screen(name).includes(what) : what.test(screen(name)))
  await eventually(`the terminal shows ${what}`, ask, limitMs).catch((late) => {
    throw new Error(`${late.message}:\n${screen(name)}`)
  })
  return screen(name)
}

beforeAll(() => {
  const command = `'${process.execPath}' '${inject('installedCommand')}'`
  writeFileSync(
    join(project.directory, 'bashrc'),
    `PS1='$ '\nt() { LP_STATE_DIR='${stateDirectory}' ${command} "$@"; }\n`,
  )
})

describe.skipIf(!isInstalled)('in a terminal (skipped without tmux: apt-get install tmux)', () => {
  afterAll(() => tmux('kill-server'))

  test('Ctrl-C stops the foreground command, which ends with 0', async () => {
    openTerminal('start')
    type('start', 't; echo "code $?"', 'Enter')
    const shown = await shows('start', 'Ctrl-C stops it')
    expect(shown).toMatch(/^web +ready +\d+ .* http:\/\/127/m)
    expect(shown).toMatch(/in any shell here: eval "\$\(.*test-services.* env\)"/)
    expect(shown).not.toContain('export')
    type('start', 'C-c')
    const said = await shows('start', /^code \d+$/m)
    expect(said).toContain('code 0')
    expect(said).toMatch(/web is stopped/)
    expect(said).not.toMatch(/^ +at /m)
    await expectNothingLeft(stateDirectory)
  })

  test('Ctrl-C below npm run is one signal, though npm hands it on', async () => {
    // It needs longer to end than npm needs to hand the signal on; killed at a second signal, it would say nothing.
    project.copy('programs/ends-in-peace.mjs')
    project.copy('configs/calm.config.mjs')
    const scripts = { services: `"${process.execPath}" "${project.command}" --config calm.config.mjs` }
    project.write('package.json', JSON.stringify({ type: 'module', scripts }))
    openTerminal('npm')
    type('npm', `LP_STATE_DIR='${stateDirectory}' npm run --script-shell bash services`, 'Enter')
    await shows('npm', 'Ctrl-C stops it')
    type('npm', 'C-c')
    await shows('npm', 'calm is stopped')
    expect(existsSync(join(project.directory, 'peace'))).toBe(true)
    await expectNothingLeft(stateDirectory)
  })

  test('Ctrl-C reaches the command of exec once, and its exit code is ours', async () => {
    project.copy('programs/counts-interrupts.mjs', 'counts.mjs')
    openTerminal('exec')
    type('exec', 't exec web -- node counts.mjs; echo "code $?"', 'Enter')
    await shows('exec', 'counting in a terminal: true')
    type('exec', 'C-c')
    const said = await shows('exec', /^code \d+$/m)
    expect(said).toContain('signals: 1')
    expect(said).toContain('code 7')
    await expectNothingLeft(stateDirectory)
  })

  test('a terminal that is closed stops what runs in it in the foreground', async () => {
    openTerminal('closed')
    type('closed', 't', 'Enter')
    await shows('closed', 'Ctrl-C stops it')
    tmux('kill-session', '-t', 'closed')
    await expectNothingLeft(stateDirectory)
  })

  test('a terminal that is closed leaves what --daemonise started', async () => {
    openTerminal('daemon')
    type('daemon', 'eval "$(t --daemonise)"; echo "up: $LP_WEB_URL"', 'Enter')
    await shows('daemon', 'up: http')
    tmux('kill-session', '-t', 'daemon')
    expect((await project.run(['status'])).code).toBe(0)
    expect((await project.run(['stop'])).code).toBe(0)
  })

  // Once in some fifty runs a line was missing, for a reason that is not known: the message has the screen.
  test('the display has one line for each service, however narrow the terminal is', { retry: 1 }, async () => {
    const name = `narrow-${randomName(8)}`
    openTerminal(name, 24)
    type(name, 'clear; t exec api status -- true; echo "code $?"', 'Enter')
    const said = await shows(name, 'code 0')
    for (const service of ['web', 'api', 'status'])
      for (const state of ['ready', 'stopped'])
        expect(said.match(new RegExp(`${service} is ${state}`, 'g')), said).toHaveLength(1)
    expect(said).not.toContain('is starting')
  })

  test('a failure is told with its log, the others as given up', async () => {
    project.copy('configs/fails.config.mjs')
    openTerminal('fails')
    type('fails', 'clear; t --config fails.config.mjs; echo "code $?"', 'Enter')
    const said = await shows('fails', 'code 1')
    expect(said).toContain('✖ broken failed')
    expect(said).toContain('■ patient is given up')
    expect(said).toContain('    no luck')
    expect(said).not.toMatch(/ is starting|^ +at /m)
  })
})
