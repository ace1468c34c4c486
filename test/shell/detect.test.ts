import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { detectShell } from '../../src/shell/detect.ts'
import { programArgv } from '../support/program.ts'
import { runIn, shellsUnderTest, testIn } from './installed-shells.ts'

const command = programArgv('prints-calling-shell.ts')
  .map((word) => `'${word}'`)
  .join(' ')
/** `true` after it, so that no shell replaces itself by the command. */
const script = `${command}\ntrue\n`

describe.each(shellsUnderTest)('called from $name', (shell) => {
  const expected = shell.argv[0] === 'bash' ? 'bash' : shell.format

  testIn(shell, `it is ${expected}`, () => {
    expect(runIn(shell, { text: '', script }).stdout).toBe(`${expected}\n`)
  })

  testIn(shell, `it is ${expected} through other programs between`, () => {
    const between = script.replace(/^/, 'env A=b timeout 20 ')
    expect(runIn(shell, { text: '', script: between }).stdout).toBe(`${expected}\n`)
  })
})

const [fish, zsh] = ['fish', 'zsh'].map((name) => shellsUnderTest.find(({ format }) => format === name))
if (!fish || !zsh) throw new Error('fish and zsh are in the list of shells')

describe('below npm', () => {
  const environment = { npm_config_update_notifier: 'false', npm_config_offline: 'true' }
  const npm = `${script.split('\n')[0]?.replaceAll("'", '')}; true`

  testIn(fish, "npx's own sh is passed over", () => {
    const run = runIn(fish, { text: '', script: `npm exec -c '${npm}'\ntrue\n`, environment })
    expect(run.stdout).toBe('fish\n')
  })

  testIn(fish, 'the sh of a script counts, because it evaluates', () => {
    const prepare = `echo '{"scripts":{"go":"${npm}"}}' > $HOME/package.json\ncd $HOME\n`
    const run = runIn(fish, { text: '', script: `${prepare}npm run --silent go\ntrue\n`, environment })
    expect(run.stdout).toBe('sh\n')
  })

  testIn(zsh, 'a shell opened by npx counts', () => {
    const inner = `zsh -fc '\\''${npm}'\\''; true`
    const run = runIn(zsh, { text: '', script: `npm exec -c '${inner}'\ntrue\n`, environment })
    expect(run.stdout).toBe('zsh\n')
  })
})

test('without a process to ask, it is sh', () => {
  expect(detectShell({}, 0)).toBe('sh')
  const { pid } = spawnSync('true')
  expect(detectShell({}, pid)).toBe('sh')
})
