import { describe, expect, test } from 'vitest'
import { discoverTests, type TestSearch } from '../../src/fmf/discover.ts'
import { fmfTree } from '../support/fmf-tree.ts'
import type { WrittenFiles } from '../support/written-files.ts'

function discover(files: WrittenFiles, search?: TestSearch) {
  return discoverTests(fmfTree(files), search)
}

/** Returns the only test of a tree whose file `tests/one.fmf` has these lines beside `test`. */
async function one(lines: string) {
  const { tests } = await discover({ 'tests/one.fmf': `test: ./run.sh\n${lines}\n` })
  return tests[0]
}

async function namesOf(files: WrittenFiles, search?: TestSearch): Promise<string[]> {
  return (await discover(files, search)).tests.map(({ name }) => name)
}

describe('a test', () => {
  test('has defaults for all but its script', async () => {
    expect(await one('')).toEqual({
      name: '/tests/one',
      test: './run.sh',
      directory: 'tests',
      limitMs: 300_000,
      environment: {},
      require: [],
      recommend: [],
      tags: [],
      tty: false,
      priority: 0,
      data: { test: './run.sh' },
    })
  })

  test.each([
    ['3', 3],
    ['3m', 180],
    ['1h 30m', 5400],
    ['1d', 86_400],
    ['1h 3h 2m 3', 14_523],
    ["'*3 2s *4'", 24],
    ['5m*2', 600],
    ['5m15m', 1200],
    ["'1s *0.4'", 1],
  ])('with the duration %s takes at most %d s', async (duration, seconds) => {
    expect((await one(`duration: ${duration}`))?.limitMs).toBe(seconds * 1000)
  })

  test('is adjusted before its duration is read', async () => {
    const files = { 'a.fmf': 'test: x\nduration: 5m\nadjust: { duration+: "*2", when: arch == aarch64 }\n' }
    const { tests } = await discover(files, { context: { arch: 'aarch64' } })
    expect(tests[0]?.limitMs).toBe(600_000)
  })

  test.each([
    ['environment: { A: 1, B: true, C: text }', { A: '1', B: 'True', C: 'text' }],
    ['environment: MODE=fast', { MODE: 'fast' }],
    [`environment: [A=1, 'B="two words" C=3', { D: 4 }]`, { A: '1', B: 'two words', C: '3', D: '4' }],
  ])('with %s gets these variables', async (line, environment) => {
    expect((await one(line))?.environment).toEqual(environment)
  })

  test('says what it needs, and in which directory it runs', async () => {
    const lines =
      'require: make\nrecommend: [gcc, { type: file }]\ntag: [a, 1]\ntty: true\nextra-priority: 7\npath: /other/\n'
    expect(await one(lines)).toMatchObject({
      require: ['make'],
      recommend: ['gcc'],
      tags: ['a', '1'],
      tty: true,
      priority: 7,
      directory: 'other',
    })
  })

  test('runs in the directory of the file that defined it last', async () => {
    const files = {
      'main.fmf': 'test: x\n/a: {}\n/b: {}\n',
      'a/main.fmf': '/virtual: {}',
      'c/d.fmf': '/:\n  inherit: false\ntest: y',
    }
    const { tests } = await discover(files)
    expect(tests.map(({ name, directory }) => [name, directory])).toEqual([
      ['/a/virtual', 'a'],
      ['/b', ''],
      ['/c/d', 'c'],
    ])
  })

  test('a test that is disabled, manual, a story or without a script is left out', async () => {
    const lines = ['enabled: false', 'manual: true', 'story: as a user', 'x: 1\n  /:\n    inherit: false', 'x: 1']
    expect(
      await namesOf({ 'main.fmf': `test: x\n${lines.map((line, index) => `/${index}:\n  ${line}\n`).join('')}` }),
    ).toEqual(['/4'])
  })

  test.each([
    ['duration: soon', /one\.fmf:2:1: \/tests\/one: duration: expected a duration such as 1h 30m, but got "soon"/],
    ['duration: 0', /expected a duration/],
    ['environment: [1]', /environment: expected a dictionary, but got a number/],
    ['environment: nothing', /expected NAME=VALUE, but got "nothing"/],
    ['extra-priority: high', /extra-priority: expected a number/],
    ['path: here', /path: expected a path from the root of the tree/],
  ])('with %s is refused', async (line, message) => {
    await expect(one(line)).rejects.toThrow(message)
  })
})

const tests = 'test: x\n/one: { tag: [a] }\n/two: { tag: [a, b] }\n/three: { tag: [c] }\n'

describe('a plan', () => {
  /** Returns a tree with three tests and this plan. */
  const withPlan = (plan: string) => ({
    'tests.fmf': tests,
    'plan.fmf': plan,
    env: 'A=file\nB="b c"\n',
    'env.yaml': 'C: 1\n',
  })

  test.each([
    ['discover: { how: fmf }', ['/tests/one', '/tests/three', '/tests/two']],
    ['discover: { how: fmf, filter: "tag: a" }', ['/tests/one', '/tests/two']],
    ['discover: { how: fmf, filter: ["tag: a", "tag: -b"] }', ['/tests/one']],
    ['discover: { how: fmf, test: [two, three$], exclude: th }', ['/tests/two']],
    ['discover: [{ how: fmf, test: two }, { how: fmf, filter: "tag: a" }]', ['/tests/two', '/tests/one']],
    ['discover: [{ how: fmf, test: two, when: distro == rhel }, { how: fmf, test: one }]', ['/tests/one']],
    ['execute: { how: tmt }', ['/tests/one', '/tests/three', '/tests/two']],
  ])('with %s finds its tests', async (plan, names) => {
    expect(await namesOf(withPlan(plan), { plan: '/plan' })).toEqual(names)
  })

  test('is overridden by the search', async () => {
    const files = withPlan('discover: { how: fmf, filter: "tag: a", exclude: two }')
    expect(await namesOf(files, { plan: '/plan', filter: 'tag: c' })).toEqual(['/tests/three'])
    expect(await namesOf(files, { plan: '/plan', exclude: ['one'] })).toEqual(['/tests/two'])
  })

  test('has variables of files, and its own above them', async () => {
    const { plan } = await discover(withPlan('environment: { A: own }\nenvironment-file: [env, env.yaml]\n'), {
      plan: '/plan',
    })
    expect(plan.environment).toEqual({ A: 'own', B: 'b c', C: '1' })
  })

  test('has scripts and packages in their order', async () => {
    const { plan } = await discover(
      withPlan(`
prepare:
  - { how: shell, script: [one, two] }
  - { how: install, package: [httpd, curl], order: 10 }
  - { how: install, package: vim, missing: skip }
finish: { how: shell, script: end }
`),
      { plan: '/plan' },
    )
    expect(plan.prepare).toEqual([
      { packages: ['httpd', 'curl'], isOptional: false },
      { script: 'one' },
      { script: 'two' },
      { packages: ['vim'], isOptional: true },
    ])
    expect(plan.finish).toEqual([{ script: 'end' }])
  })

  test.each([
    ['discover: { how: shell }', /plan\.fmf:1:1: \/plan: discover: how: shell is not supported; supported: fmf/],
    ['discover: { how: fmf, url: "https://x" }', /url is not supported/],
    ['prepare: { how: ansible }', /prepare: how: ansible is not supported; supported: shell and install/],
    ['prepare: { how: shell, where: server }', /where: several guests are not supported/],
    ['prepare: text', /prepare: expected a dictionary, but got a text/],
    ['environment-file: ../env', /\.\.\/env is outside of the tree/],
    ['environment-file: "https://x/env"', /files of the network are not read/],
    ['environment-file: missing', /missing: there is no such file/],
  ])('with %s is refused', async (plan, message) => {
    await expect(discover(withPlan(plan), { plan: '/plan' })).rejects.toThrow(message)
  })

  test('a plan that is missing, a test or several plans is refused', async () => {
    const files = { 'tests.fmf': tests, 'plans.fmf': '/a: {}\n/b: {}\n' }
    await expect(discover(files, { plan: '/none' })).rejects.toThrow(/there is no plan \/none/)
    await expect(discover(files, { plan: '/tests/one' })).rejects.toThrow(/is a test, and no plan/)
    await expect(discover(files, { plan: '/plans' })).rejects.toThrow(/several plans: choose one, such as \/plans\/a/)
  })
})
