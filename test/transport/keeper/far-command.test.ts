import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { commandLine, keeperCommandLine } from '../../../src/transport/keeper/far-command.ts'

const names = { connection: 'abc.1', keeper: 0, id: 1 }
const command = { environment: {}, directory: undefined, hasInput: false, outputs: 'separate' } as const

test.for([['dash'], ['bash'], ['zsh'], ['fish'], ['ksh'], ['tcsh'], ['busybox', 'sh']])(
  '%s as login shell passes arguments on as they are',
  ([shell = '', ...applet]) => {
    const words = ["it's", '$HOME', 'a\nb\n', '\\', '!x', '']
    const input = commandLine({ ...command, argv: ['printf', '[%s]', ...words] }, names)
    const { stdout } = spawnSync(shell, [...applet, '-c', keeperCommandLine], { input, encoding: 'utf8' })
    expect(stdout).toBe(words.map((word) => `[${word}]`).join(''))
  },
)

test('bytes that are not UTF-8 arrive as they are', () => {
  const input = commandLine({ ...command, argv: ['printf', '%s', 'a\udcffb'] }, names)
  const { stdout } = spawnSync('sh', ['-c', keeperCommandLine], { input })
  expect([...stdout]).toEqual([0x61, 0xff, 0x62])
})
