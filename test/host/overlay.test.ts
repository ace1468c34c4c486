import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findMemoryDirectory } from '../../src/host/files/memory-directory.ts'
import { removeTree } from '../../src/host/files/remove-tree.ts'
import { canOverlay, overlaidCommand } from '../../src/host/overlay.ts'
import { randomName } from '../../src/host/secret.ts'
import { expectSkippable } from '../support/fault-ground.ts'

const isRoot = process.getuid?.() === 0
const memory = findMemoryDirectory()
const place = join('path' in memory ? memory.path : tmpdir(), `ts-overlay-${randomName(8)}`)
const overlay = { lower: join(place, 'lower'), directory: join(place, 'upper'), work: join(place, 'work') }
let prepared: string

beforeEach(async ({ skip }) => {
  const reason = 'no user namespaces with overlays, or no memory to place them in'
  if (!(await canOverlay(tmpdir()))) {
    expectSkippable(reason)
    skip(reason)
  }
  prepared = mkdtempSync(join(tmpdir(), 'ts-prepared, with: signs-'))
  mkdirSync(join(prepared, 'inner'))
  writeFileSync(join(prepared, 'inner/file'), 'prepared')
  writeFileSync(join(prepared, 'gone'), 'prepared')
  mkdirSync(place)
  for (const path of [overlay.directory, overlay.work]) mkdirSync(path)
  symlinkSync(prepared, overlay.lower)
})

afterEach(async () => {
  delete process.env.TEST_SERVICES_UNPRIVILEGED
  if (prepared) await removeTree(prepared)
  await removeTree(place)
})

async function within(script: string): Promise<string> {
  const { argv } = await overlaidCommand(['sh', '-c', script], overlay)
  const [program, ...rest] = argv
  return (await promisify(execFile)(program, rest, { cwd: '/' })).stdout
}

const isMounted = (): boolean => readFileSync('/proc/self/mountinfo', 'utf8').includes(place)

test('a command finds what was prepared, and keeps what it changes beside it', async () => {
  const script = `cd "${overlay.directory}" && cat inner/file && printf changed >inner/file && rm gone && pwd && cat inner/file`
  expect(await within(script)).toBe(`prepared${overlay.directory}\nchanged`)
  expect(readFileSync(join(overlay.directory, 'inner/file'), 'utf8')).toBe('changed')
  expect(readFileSync(join(prepared, 'inner/file'), 'utf8')).toBe('prepared')
  expect(existsSync(join(prepared, 'gone'))).toBe(true)
  expect(isMounted()).toBe(false)
})

test('a file that is not opened is not copied', async () => {
  await within(`cat "${overlay.directory}/inner/file"`)
  expect(readdirSync(overlay.directory)).toEqual([])
})

test('it runs as an ordinary user without any right of root, and may not mount', async () => {
  const told = await within(
    `id -u; grep Cap...: /proc/self/status; mount -t tmpfs tmpfs "${place}" 2>/dev/null || echo no`,
  )
  const [uid, ...lines] = told.trim().split('\n')
  expect(Number(uid)).toBeGreaterThan(0)
  const rights = lines.filter((line) => /^Cap(Inh|Prm|Eff|Amb)/.test(line))
  expect(rights).toHaveLength(4)
  for (const line of rights) expect(line).toMatch(/:\t0+$/)
  expect(lines.at(-1)).toBe('no')
})

test.runIf(isRoot)('a server that runs as another user has none', async () => {
  process.env.TEST_SERVICES_UNPRIVILEGED = 'other-user'
  expect(await canOverlay(tmpdir())).toBe(false)
})

test('follows what others unmount in mounts that are shared', async () => {
  const shared = ['unshare', '--user', '--map-root-user', '--mount', '--propagation', 'shared', '--'] as const
  const { argv } = await overlaidCommand(['cat', '/proc/self/mountinfo'], overlay)
  // The shell stays, and with it what is shared.
  const [program, ...rest] = [...shared, 'sh', '-c', '"$@"; exit $?', 'sh', ...argv]
  const { stdout } = await promisify(execFile)(program, rest, { cwd: '/' })
  const root = stdout.split('\n').find((line) => line.split(' ')[4] === '/')
  expect(root).toMatch(/ master:\d+ /)
  expect(root).not.toContain('shared:')
})
