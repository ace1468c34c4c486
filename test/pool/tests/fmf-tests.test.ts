import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type FmfTestData, fmfTest } from '../../../src/pool/tests/fmf-test.ts'
import { type FmfTestsOptions, fmfTests } from '../../../src/pool/tests/fmf-tests.ts'
import { fmfTree } from '../../support/fmf-tree.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { RecordedAttempt, TestMachine } from '../../support/recorded-attempt.ts'
import type { WrittenFiles } from '../../support/written-files.ts'

useCleanState()
const machine = new TestMachine()
afterAll(() => machine.release())

const { signal } = new AbortController()

function testsOf(files: WrittenFiles, options: Partial<FmfTestsOptions> = {}) {
  return fmfTests({ directory: fmfTree(files), ...options })
}

/** Runs the only test of a tree. */
async function runOne(files: WrittenFiles, options?: Partial<FmfTestsOptions>) {
  const { tests, ...hooks } = await testsOf(files, options)
  const [only] = tests
  if (!only || tests.length > 1) throw new Error(`${tests.length} tests`)
  using attempt = new RecordedAttempt(machine, { environment: { LP_DB_URL: 'url' } })
  const end = await only.run(attempt)
  return { end, test: only, text: attempt.text, results: attempt.results, ...hooks }
}

/** Makes a directory of programs that note how they are called, and answer with an exit code. */
function fakePrograms(programs: Readonly<Record<string, number>>): { path: string; log: string } {
  const path = join(fmfTree({}), 'bin')
  const log = join(path, 'log')
  mkdirSync(path)
  for (const [name, code] of Object.entries(programs)) {
    writeFileSync(join(path, name), `#!/bin/sh\necho "${name} $*" >> "${log}"\nexit ${code}\n`)
    chmodSync(join(path, name), 0o755)
  }
  return { path: `${path}:/usr/bin:/bin`, log }
}

describe('a test of an FMF tree', () => {
  test('runs in its directory, with the variables of tmt and of the services', async () => {
    const script =
      'pwd; cat data; echo "$TMT_TEST_NAME $TMT_REBOOT_COUNT $TMT_TEST_RESTART_COUNT $MODE $LP_DB_URL"; ls $TMT_TREE'
    const { text, end, results } = await runOne({
      'tests/one/main.fmf': `test: |\n  ${script}\nenvironment: { MODE: fast }\n`,
      'tests/one/data': 'data\n',
      '.git/config': '',
    })
    expect(text).toMatch(/\/fmf-\d+\/tree\/tests\/one\ndata\n\/tests\/one 0 0 fast url\ntests\n$/)
    expect(end).toEqual({ exitCode: 0, passed: true })
    expect(results).toEqual([{ status: 'pass', testout: 'output.txt' }])
  })

  test('finds its whole metadata in a file of YAML', async () => {
    const { text } = await runOne({
      'main.fmf': 'tag: [a]\n/t:\n  test: cat $TMT_TEST_METADATA\n  extra: { deep: 1 }\n',
    })
    expect(text).toBe('tag:\n  - a\ntest: cat $TMT_TEST_METADATA\nextra:\n  deep: 1\n')
  })

  test('fails at the first command that fails, also in a pipe', async () => {
    const { end, text } = await runOne({ 'a.fmf': 'test: |\n  echo before\n  false | cat\n  echo after\n' })
    expect(end).toEqual({ exitCode: 1, passed: false })
    expect(text).toBe('before\n')
  })

  test('reports results by test control', async () => {
    const json = '{"status":"pass","name":"part"}'
    const script = `printf 'result ${json.length}\\n${json}' >&$ATEX_TEST_CONTROL`
    const { results } = await runOne({ 'a.fmf': `test: |\n  ${script}\n` })
    expect(results.map(({ name, status }) => [name, status])).toEqual([
      ['part', 'pass'],
      [undefined, 'pass'],
    ])
  })

  test('with tty has a terminal of 80 columns, and its exit code counts', async () => {
    const script = 'test -t 1; stty size; echo "$TERM"; echo "noop" >&$ATEX_TEST_CONTROL; exit 3'
    const { text, end } = await runOne({ 'a.fmf': `test: |\n  ${script}\ntty: true\n` })
    expect(text.replaceAll('\r', '')).toBe('24 80\nxterm\n')
    expect(end).toEqual({ exitCode: 3, passed: false })
  })

  test('is made again from its data', async () => {
    const { test: first } = await runOne({
      'a.fmf': 'test: "true"\nduration: 2m\nextra-priority: 3\ntag: destructive\n',
    })
    expect(first).toMatchObject({ kind: 'fmf', limitMs: 120_000, priority: 3, tags: ['destructive'] })
    const again = fmfTest(JSON.parse(JSON.stringify(first.data)) as FmfTestData)
    expect({ ...again, run: undefined }).toEqual({ ...first, run: undefined })
  })

  test('finds the tree that another test has put on the machine', async () => {
    const { tests } = await testsOf({
      'main.fmf': '/a: { test: echo "$TMT_TREE" > made; cat made }\n/b: { test: cat made }\n',
    })
    using attempt = new RecordedAttempt(machine)
    for (const each of tests) await each.run(attempt)
    const [first, second] = attempt.text.trim().split('\n')
    expect(second).toBe(first)
  })
})

describe('packages', () => {
  const plan = (path: string) => ({ 'plan.fmf': `environment: { PATH: '${path}' }\n` })

  test('missing packages are installed by dnf, before the test', async () => {
    const { path, log } = fakePrograms({ dnf: 0, rpm: 1 })
    const files = { ...plan(path), 'a.fmf': `test: cat ${log}\nrequire: [gcc, make]\nrecommend: vim\n` }
    const { text } = await runOne(files, { plan: '/plan', install: true })
    const calls = ['gcc', 'make'].map((name) => `rpm -q --whatprovides ${name}`)
    expect(text.trim().split('\n')).toEqual([
      ...calls,
      'dnf -y install gcc make',
      'rpm -q --whatprovides vim',
      'dnf -y install vim',
    ])
  })

  test('installed packages are left alone, as dpkg says', async () => {
    const { end } = await runOne({ 'a.fmf': 'test: "true"\nrequire: [coreutils, dash]\n' })
    expect(end.passed).toBe(true)
  })

  test('a package that cannot be installed keeps the test from running', async () => {
    const { path } = fakePrograms({ dnf: 1, rpm: 1 })
    const files = { ...plan(path), 'a.fmf': 'test: "true"\nrequire: no-such\n' }
    await expect(runOne(files, { plan: '/plan', install: true })).rejects.toMatchObject({
      code: 'ERR_COMMAND',
      message: expect.stringMatching(/^set-up of \/a failed on machine-1: exit status 1/),
    })
  })

  test('a recommended package may be missing', async () => {
    const { path } = fakePrograms({ dnf: 1, rpm: 1 })
    const files = { ...plan(path), 'a.fmf': 'test: "true"\nrecommend: no-such\n' }
    expect((await runOne(files, { plan: '/plan', install: true })).end.passed).toBe(true)
  })

  test('on this host, missing packages are named, and nothing is installed unasked', async () => {
    const { path, log } = fakePrograms({ dnf: 0, rpm: 1 })
    const required = { ...plan(path), 'a.fmf': `test: "true"\nrequire: [gcc, make]\n` }
    await expect(runOne(required, { plan: '/plan' })).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: expect.stringMatching(/^set-up of \/a: this host lacks required packages: gcc make\. .*--install/),
    })
    const recommended = { ...plan(path), 'a.fmf': `test: "true"\nrecommend: vim\n` }
    expect((await runOne(recommended, { plan: '/plan' })).end.passed).toBe(true)
    expect(readFileSync(log, 'utf8')).not.toContain('install')
  })

  test('a library of BeakerLib is refused', async () => {
    const files = { 'a.fmf': 'test: "true"\nrequire: library(openssl/certgen)\n' }
    await expect(runOne(files)).rejects.toThrow(/libraries of BeakerLib are not fetched/)
  })
})

describe('prepare and finish', () => {
  test('a plan prepares a machine once, and hands variables to its tests', async () => {
    const files = {
      'plan.fmf': `
environment: { WHO: plan }
prepare: { how: shell, script: 'echo "$WHO" >> log; echo "FROM_PREPARE=\\"two words\\"" >> "$TMT_PLAN_ENVIRONMENT_FILE"' }
finish: { how: shell, script: ['cat log > "$OUT"', 'false', 'echo end >> "$OUT"'] }
`.replaceAll('"$OUT"', `${machine.directory}/out`),
      'a.fmf': `test: 'cat "$TMT_TREE/log"; echo "$FROM_PREPARE"'\n`,
    }
    const { tests, setUpMachine, cleanUpMachine } = await testsOf({ ...files, env: '' }, { plan: '/plan' })
    await setUpMachine(machine, signal)
    using attempt = new RecordedAttempt(machine)
    await tests[0]?.run(attempt)
    expect(attempt.text).toBe('plan\ntwo words\n')
    await expect(cleanUpMachine(machine, signal)).rejects.toThrow(/finish of \/plan failed on machine-1: exit status 1/)
    const out = await testsOf({ 'b.fmf': `test: cat ${machine.directory}/out` })
    await out.tests[0]?.run(attempt)
    expect(attempt.text).toBe('plan\ntwo words\nplan\nend\n')
  })

  test('a preparation that fails says so with its output, and is tried again', async () => {
    const script = 'echo because; test -f again'
    const files = { 'plan.fmf': `prepare: { how: shell, script: '${script}' }\n`, 'a.fmf': 'test: "true"' }
    const directory = fmfTree(files)
    const { setUpMachine } = await fmfTests({ directory, plan: '/plan' })
    await expect(setUpMachine(machine, signal)).rejects.toThrow(
      /prepare of \/plan failed on machine-1: exit status 1\nbecause$/,
    )
    writeFileSync(join(directory, 'again'), '')
    await setUpMachine(machine, signal)
  })

  test('a plan does not finish a machine that it has not prepared', async () => {
    const { cleanUpMachine } = await testsOf(
      { 'plan.fmf': 'finish: { how: shell, script: "false" }' },
      { plan: '/plan' },
    )
    await cleanUpMachine(machine, signal)
  })
})

test('options are checked', async () => {
  await expect(fmfTests({ directory: '/', filters: 'x' } as never)).rejects.toThrow(
    /fmfTests\(\)\.filters: unknown .*"filter"/,
  )
})
