import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { stateDirectory } from '../../src/host/state-directory.ts'
import { useCleanState } from '../support/left-nothing.ts'

const state = useCleanState()

function place(name: string): string {
  return join(state.stateDirectory, name)
}

function refusal(path: string): string {
  try {
    stateDirectory({ LP_STATE_DIR: path })
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'ERR_STATE_DIRECTORY' })
    return (thrown as Error).message
  }
  throw new Error(`${path} was accepted`)
}

test('it is made with its parents, for this user only', () => {
  const path = place('a/b/c')
  expect(stateDirectory({ LP_STATE_DIR: path })).toBe(path)
  expect(stateDirectory({ LP_STATE_DIR: path })).toBe(path)
  expect(statSync(path).mode & 0o777).toBe(0o700)
})

test('the variables and the home are tried in order', () => {
  const home = place('home')
  mkdirSync(home)
  const all = { LP_STATE_DIR: place('own'), XDG_STATE_HOME: place('xdg'), HOME: home }
  expect(stateDirectory(all)).toBe(place('own'))
  expect(stateDirectory({ ...all, LP_STATE_DIR: '' })).toBe(join(place('xdg'), 'test-services'))
  expect(stateDirectory({ HOME: home })).toBe(join(home, '.local/state/test-services'))
})

test('a relative path becomes absolute: guardians work elsewhere', () => {
  const path = place('relative')
  expect(stateDirectory({ LP_STATE_DIR: relative(process.cwd(), path) })).toBe(path)
})

test.each(['', '/'])('a symbolic link is refused, with "%s" at its end', (end) => {
  mkdirSync(place(`target${end.length}`), { mode: 0o700 })
  symlinkSync(place(`target${end.length}`), place(`link${end.length}`))
  expect(refusal(place(`link${end.length}`) + end)).toMatch(/link\d is refused: it is a symbolic link; .* LP_STATE_DIR/)
})

test('one that others can enter is refused, and the message says how to close it', () => {
  mkdirSync(place('open'))
  chmodSync(place('open'), 0o777)
  expect(refusal(place('open'))).toContain(`others can enter it (mode 777); run "chmod 700 ${place('open')}"`)
})

test('a file is refused', () => {
  writeFileSync(place('file'), '')
  expect(refusal(place('file'))).toContain('it is no directory')
  expect(refusal(join(place('file'), 'below'))).toContain('cannot be made')
})

test('one that the system does not let anybody make is refused at once', () => {
  expect(refusal('/proc/state')).toContain('cannot be made')
})

test.runIf(process.getuid?.() === 0)('somebody else’s is refused', () => {
  mkdirSync(place('foreign'), { mode: 0o700 })
  chownSync(place('foreign'), 65_534, 65_534)
  expect(refusal(place('foreign'))).toContain('it belongs to uid 65534')
})
