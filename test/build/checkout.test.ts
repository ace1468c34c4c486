import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { useCleanState } from '../support/left-nothing.ts'
import { type Ran, startProcess } from '../support/user-project.ts'

useCleanState()
const root = fileURLToPath(new URL('../..', import.meta.url))
const checkout = createCheckout()
const cache = join(checkout, 'node_modules/.cache/test-services')
const fixture = join(checkout, 'fixtures/librarian/index.ts')
const dayMs = 24 * 60 * 60 * 1000
afterAll(() => rmSync(checkout, { recursive: true }))

/** The sources of this checkout, in a directory of their own in which a test can change them. */
function createCheckout(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'test-services-checkout-')))
  for (const name of ['bin', 'build', 'fixtures', 'src', 'package.json', 'tsconfig.json'])
    cpSync(join(root, name), join(directory, name), { recursive: true })
  mkdirSync(join(directory, 'node_modules'))
  const packages = readdirSync(join(root, 'node_modules')).filter((name) => !name.startsWith('.'))
  for (const name of packages) symlinkSync(join(root, 'node_modules', name), join(directory, 'node_modules', name))
  return directory
}

function run(argv: readonly string[], cwd = checkout): Promise<Ran> {
  return startProcess([process.execPath, join(checkout, 'bin/test-services'), ...argv], { cwd }).ended
}

/** Every file of the checkout but those of packages. */
function files(): string[] {
  return readdirSync(checkout, { recursive: true, encoding: 'utf8' }).filter((name) => !/^node_modules/.test(name))
}

/** Writes a source with the same length, and sets its time of modification back. */
function replaceUnseen(file: string, [from, to]: readonly [string, string]): void {
  const { atime, mtime } = statSync(file)
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to))
  utimesSync(file, atime, mtime)
}

const asRoot = process.getuid?.() === 0
const nobody = 65_534

test.runIf(asRoot)('a checkout that cannot be written to runs from its sources', async () => {
  chmodSync(checkout, 0o755)
  const argv = [process.execPath, join(checkout, 'bin/test-services'), '--help']
  // The present TMPDIR may be root's alone.
  const TMPDIR = join(checkout, 'tmp')
  mkdirSync(TMPDIR)
  chownSync(TMPDIR, nobody, nobody)
  const ran = await startProcess(argv, { cwd: '/', uid: nobody, gid: nobody, env: { TMPDIR } }).ended
  rmSync(TMPDIR, { recursive: true })
  expect(ran).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('Usage') })
  expect(readdirSync(join(checkout, 'node_modules'))).not.toContain('.cache')
})

test('two starts at once make one bundle, and nothing outside the cache', async () => {
  const before = files()
  const both = await Promise.all([run(['doctor', '--json']), run(['doctor', '--json'])])
  expect(both.map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ''],
    [0, ''],
  ])
  expect(readdirSync(cache)).toHaveLength(1)
  expect(files()).toEqual(before)
})

test('a change of a fixture is in force at the next start, however it was made', async () => {
  const [bundle = ''] = readdirSync(cache)
  utimesSync(join(cache, bundle), new Date(), new Date(Date.now() - 2 * dayMs))
  replaceUnseen(fixture, ['comes with this package', 'cames with this package'])
  expect((await run(['doctor'])).stdout).toContain('cames with this package')
  expect(readdirSync(cache), 'bundles, without one that was last used two days ago').toHaveLength(1)
  replaceUnseen(fixture, ['cames with this package', 'comes with this package'])
  expect((await run(['doctor'])).stdout).toContain('comes with this package')
  expect(readdirSync(cache)).toHaveLength(2)
})

describe('a config in TypeScript that imports the sources', () => {
  const project = join(checkout, 'node_modules/project')

  function runWithConfig(statements: string, argv: readonly string[]): Promise<Ran> {
    mkdirSync(project, { recursive: true })
    writeFileSync(join(project, 'package.json'), '{"type":"module"}')
    const imports = `import { command, defineConfig, ready } from '${checkout}/src/index.ts'`
    writeFileSync(join(project, 'test-services.config.ts'), `${imports}\n${statements}`)
    return run(argv, project)
  }

  test('shares its modules with the command: both hold one run', async () => {
    const service = `command({ command: ['sh', '-c', 'echo up; exec sleep 60'], port: false, ready: ready.log('up') })`
    const config = `export default defineConfig({ services: { it: ${service} } })`
    const ran = await runWithConfig(config, ['exec', '--', 'sh', '-c', 'ls "$LP_STATE_DIR/runs"'])
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\S+\n$/) })
  })

  test('has stack traces that point at the sources', async () => {
    const config = 'try { command({} as never) } catch (error) { console.error(error.stack) }'
    const { stderr } = await runWithConfig(config, ['exec', '--', 'true'])
    expect(stderr).toContain(`${checkout}/src/service/command/command.ts:`)
  })
})
