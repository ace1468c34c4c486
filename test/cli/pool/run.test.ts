import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { useCleanState } from '../../support/left-nothing.ts'
import { useUserProject } from '../../support/user-project.ts'

useCleanState()
const { run, start, write, directory } = useUserProject()
const commands = (name: string, ...lines: string[]): string[] => ['--commands', write(name, `${lines.join('\n')}\n`)]
const alone = ['--services', 'none', '--output']

test('a pool runs commands, and says what became of each', async () => {
  execFileSync('git', ['init', '-q'], { cwd: directory })
  const given = commands('mixed', '# a comment', '', 'true', 'echo why; exit 3')
  const { code, stderr, stdout } = await run(['pool', 'run', ...given, ...alone, 'mixed-results'])
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/✔ true [\d.]+ m?s on local-\d\n/)
  expect(stderr).toMatch(/✖ echo why; exit 3 failed [\d.]+ m?s on local-\d\n {2}exit status 3: why\n/)
  expect(stderr).toMatch(/1 passed, 1 failed in .*\nresults: mixed-results; ".* report mixed-results" shows them\n$/)
  const rows = readFileSync(join(directory, 'mixed-results/results.jsonl'), 'utf8').trim().split('\n')
  expect(rows.map((row) => JSON.parse(row).slice(1, 3)).sort()).toEqual([
    ['fail', 'echo why; exit 3'],
    ['pass', 'true'],
  ])
  expect(execFileSync('git', ['status', '--porcelain'], { cwd: directory, encoding: 'utf8' })).not.toContain('results')
})

test('a test that passes when it is run again has passed', async () => {
  const given = commands('flaky', 'test "$TEST_SERVICES_ATTEMPT" = 2')
  const { code, stderr } = await run(['pool', 'run', ...given, '--reruns', '1', ...alone, 'flaky-results'])
  expect(code).toBe(0)
  expect(stderr).toContain('and is run again (failed: rerun 1 of 1)\n')
  expect(stderr).toContain('1 passed in')
})

test('each machine has services of the config, whose variables reach the tests', async () => {
  const given = commands(
    'served',
    `${process.execPath} -e 'fetch(process.env.WEB_URL).then((answer) => process.exit(answer.ok ? 0 : 9))'`,
  )
  const { code, stderr } = await run(['pool', 'run', ...given, '--machines', 'local=1', '--output', 'served-results'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('1 passed') })
})

test('a config that cannot be loaded is one error, and leaves no directory', async () => {
  const config = write('broken.config.mjs', 'import "./nosuch.mjs"')
  const before = readdirSync(directory)
  const { code, stderr } = await run(['pool', 'run', ...commands('served', 'true'), '--config', config])
  expect(code).toBe(2)
  expect(stderr).toMatch(/^error: the config file .*broken\.config\.mjs cannot be loaded: [^\n]*\n$/)
  expect(readdirSync(directory)).toEqual(before)
})

test('ends with 4 if no test failed and some could not be run', async () => {
  const source = `import { command } from 'test-services'\nexport default { services: { web: command({ command: ['false'] }) } }`
  const config = write('fails.config.mjs', source)
  const given = [...commands('unserved', 'true'), '--config', config, '--machines', 'local=1']
  const { code, stderr } = await run(['pool', 'run', ...given, '--output', 'unserved-results'])
  expect({ code, stderr }).toMatchObject({ code: 4, stderr: expect.stringContaining('0 passed, 1 not run') })
  expect(stderr).toContain('WEB')
})

test('a test that takes longer than --timeout fails, and its machine is replaced', async () => {
  const given = commands('slow', 'sleep 60', 'true')
  const asked = ['pool', 'run', ...given, '--timeout', '3s', '--machines', 'local=1', ...alone, 'slow-results']
  const { code, stderr } = await run(asked)
  expect(code).toBe(1)
  expect(stderr).toContain('the test took longer than its limit of 3 s')
  expect(stderr).toContain('1 passed, 1 failed')
})

test('Ctrl-C cancels what runs, and keeps the results', async () => {
  const given = commands('endless', 'true', 'sleep 600')
  const running = start(['pool', 'run', ...given, ...alone, 'endless-results'])
  await running.said('✔ true')
  running.child.kill('SIGINT')
  const { code, stderr } = await running.ended
  expect(code).toBe(130)
  expect(stderr).toContain('1 passed, 1 not run')
  expect(readFileSync(join(directory, 'endless-results/results.jsonl'), 'utf8')).toContain('"pass","true"')
})

test.each([
  [['--machines', 'lokal=2'], 2, '--machines "lokal=2": expected local=4'],
  [['--reruns', 'many'], 2, 'expected a number of 0 or more'],
  [['--filter', 'tag: a'], 2, '--filter is for FMF trees: add --fmf DIR'],
  [['--commands', '/dev/null'], 2, 'there are no tests: /dev/null has no command'],
  [['--commands', 'nosuch'], 2, 'cannot read the commands in nosuch: ENOENT'],
])('%j is refused, and leaves no directory', async (options, code, message) => {
  const before = readdirSync(directory)
  expect(await run(['pool', 'run', ...options])).toMatchObject({ code, stderr: expect.stringContaining(message) })
  expect(readdirSync(directory)).toEqual(before)
})

test('pool list prints the tests that pool run takes, as names and as JSON', async () => {
  const given = commands('listed', 'true', 'false')
  expect(await run(['pool', 'list', ...given])).toMatchObject({ code: 0, stdout: 'true\nfalse\n' })
  const { stdout } = await run(['pool', 'list', ...given, '--json'])
  expect(JSON.parse(stdout)).toMatchObject([{ name: 'true', data: { command: 'true' } }, { name: 'false' }])
  const twice = commands('twice', 'true', 'false', 'true')
  expect(await run(['pool', 'list', ...twice])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('two tests have the name "true"'),
  })
})

test('pool list --json has the whole data of FMF nodes, after inheritance and adjust', async () => {
  write('tree/.fmf/version', '1\n')
  const adjust = 'adjust: [{ when: distro == fedora-33, tier: 2, tag+: [slow] }]'
  write('tree/main.fmf', `tag: [all]\n${adjust}\n/on: { test: "true" }\n/off: { test: "true", enabled: false }\n`)
  const { code, stdout } = await run(['pool', 'list', '--fmf', 'tree', '--context', 'distro=fedora-33', '--json'])
  const rules = [{ when: 'distro == fedora-33', tier: 2, 'tag+': ['slow'] }]
  const inherited = { test: 'true', tag: ['all', 'slow'], tier: 2, adjust: rules }
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toEqual([
    { name: '/off', data: { ...inherited, enabled: false } },
    { name: '/on', data: inherited },
  ])
})

test('the help of pool run has its own --timeout, and no option of shells', async () => {
  const { stdout } = await run(['pool', 'run', '--help'])
  expect(stdout.match(/--timeout.*/g)).toEqual([expect.stringContaining('limit of one test')])
  expect(stdout).not.toMatch(/--shell|--prefix|--format/)
  expect(stdout).toContain('--config')
})
