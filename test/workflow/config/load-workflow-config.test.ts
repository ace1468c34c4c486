import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { globSync } from 'tinyglobby'
import { describe, expect, test } from 'vitest'
import { command } from '../../../src/service/command/command.ts'
import { loadWorkflowConfig } from '../../../src/workflow/config/load-workflow-config.ts'
import { ownVariables } from '../../../src/workflow/config/overrides.ts'
import type { WorkflowConfig } from '../../../src/workflow/config/workflow-config.ts'
import { type WrittenFiles, writtenFiles } from '../../support/written-files.ts'

/** Loads all files in their order. */
async function loaded(files: WrittenFiles, environment: NodeJS.ProcessEnv = {}): Promise<WorkflowConfig> {
  const directory = writtenFiles(files)
  const paths = Object.keys(files).map((name) => join(directory, name))
  return loadWorkflowConfig(paths, { directory, environment })
}

/** Returns the problems, without the directory. */
async function problemsOf(files: WrittenFiles, environment?: NodeJS.ProcessEnv): Promise<string[]> {
  const message = await loaded(files, environment).then(
    () => '',
    (thrown) => (thrown as Error).message,
  )
  return message.split('\n').map((line) => line.replaceAll(/\/\S*\//g, ''))
}

const typescript = `export default {
  services: {},
  transports: { board: { type: 'ssh', host: 'board.lan' } },
  values: { a: { b: 1, c: 'text' } },
}
`

describe('a config', () => {
  test('has transports and values, from YAML, TOML and TypeScript alike', async () => {
    const yaml = 'transports: { board: { type: ssh, host: board.lan } }\na: { b: 1, c: text }\n'
    const toml = '[transports.board]\ntype = "ssh"\nhost = "board.lan"\n[a]\nb = 1\nc = "text"\n'
    for (const files of [{ 'c.yaml': yaml }, { 'c.yml': yaml }, { 'c.toml': toml }, { 'c.mjs': typescript }]) {
      const config = await loaded(files)
      expect([...config.transports]).toEqual([['board', { type: 'ssh', host: 'board.lan' }]])
      expect(config.value('a')).toEqual({ b: 1, c: 'text' })
      expect(config.value('a.b')).toBe(1)
      expect(config.value('transports.board.host')).toBe('board.lan')
    }
  })

  test('is merged in order: dictionaries deeply, all else replaced', async () => {
    const config = await loaded({
      'one.yaml': 'a: { b: 1, c: [1, 2], d: { e: 1 } }\n',
      'two.toml': '[a]\nc = [3]\nd = 2\nf = 3\n',
    })
    expect(config.value('a')).toEqual({ b: 1, c: [3], d: 2, f: 3 })
    expect(config.files).toEqual([expect.stringMatching(/one\.yaml$/), expect.stringMatching(/two\.toml$/)])
  })

  test('keeps the first transport as the default, and replaces one of another type', async () => {
    const config = await loaded({
      'one.yaml': 'transports: { a: { type: ssh, host: h, port: 2222 }, b: { type: local } }\n',
      'two.yaml': 'transports: { b: { type: container, image: debian }, a: { user: me } }\n',
      'three.yaml': 'transports: { b: { type: local } }\n',
    })
    expect([...config.transports]).toEqual([
      ['a', { type: 'ssh', host: 'h', port: 2222, user: 'me' }],
      ['b', { type: 'local' }],
    ])
  })

  test('resolves the paths of keys from its own directory', async () => {
    const directory = writtenFiles({ 'sub/c.yaml': 'transports: { a: { type: ssh, host: h, key: [k, ~/k, /k] } }\n' })
    const { transports } = await loadWorkflowConfig([join(directory, 'sub/c.yaml')], { directory, environment: {} })
    expect(transports.get('a')).toMatchObject({ key: [join(directory, 'sub/k'), join(homedir(), 'k'), '/k'] })
  })

  test('may be empty, or not exist', async () => {
    expect((await loaded({ 'c.yaml': '# nothing\n' })).transports.size).toBe(0)
    expect(await loaded({})).toMatchObject({ files: [], secrets: [] })
  })

  test('has dates of TOML as texts', async () => {
    const config = await loaded({ 'c.toml': 'day = 2026-01-02\nlist = [{ at = 07:32:00 }]\n' })
    expect([config.value('day'), config.value('list')]).toEqual(['2026-01-02', [{ at: '07:32:00.000' }]])
  })

  test('knows its secrets', async () => {
    const yaml =
      'db: { password: pass1, url: "redis://u:pass2@h", tokens: [pass3, { a: pass4 }], name: none, use_token: true }\n'
    const { secrets } = await loaded({ 'c.yaml': yaml }, { TEST_SERVICES_OTHER_SECRET: 'pass5', SECRET: 'pass6' })
    expect(secrets.toSorted()).toEqual(['pass1', 'pass2', 'pass3', 'pass4', 'pass5'])
  })

  test('has the services of the last file with services', async () => {
    // The file gets the definition from this process: an import of the sources takes seconds.
    Reflect.set(globalThis, 'definition', command({ command: ['a'] }))
    const services = 'export default { services: { a: globalThis.definition } }\n'
    const config = await loaded({ 'one.mjs': services, 'two.mjs': typescript })
    const stack = await config.servicesOf(['a'])
    expect([stack.project, Object.keys(stack.config.services)]).toEqual([expect.stringMatching(/one\.mjs$/), ['a']])
    await expect(config.servicesOf(['b'])).rejects.toThrow(/unknown service "b": .*one\.mjs; expected a/)
  })
})

describe('services', () => {
  test('are fixtures by name if the config of the project has none', async () => {
    const directory = writtenFiles({ 'test-services.config.mjs': 'export default { services: {}, prefix: "MY" }' })
    const config = await loadWorkflowConfig([], { directory, environment: {} })
    expect(await config.servicesOf(['redis'])).toMatchObject({ prefix: 'MY', config: { services: { redis: {} } } })
    await expect(config.servicesOf(['redos'])).rejects.toThrow(
      /"redos" \(did you mean "redis"\?\): .* among the fixtures, and \S+config\.mjs has no services; expected postgres/,
    )
  })
})

describe('without files', () => {
  test('the config of the project comes first, then the one beside the workflow', async () => {
    const directory = writtenFiles({
      'test-services.config.mjs': typescript,
      'flows/workflow.config.toml': '[a]\nb = 2\n',
    })
    const config = await loadWorkflowConfig([], { directory: join(directory, 'flows'), environment: {} })
    expect(config.value('a')).toEqual({ b: 2, c: 'text' })
  })

  test('two configs beside the workflow are refused', async () => {
    const directory = writtenFiles({ 'workflow.config.yaml': '', 'workflow.config.toml': '' })
    await expect(loadWorkflowConfig([], { directory, environment: {} })).rejects.toThrow(
      /has both workflow\.config\.yaml and workflow\.config\.toml/,
    )
  })
})

describe('an override', () => {
  const yaml = 'a: { b-c: 1, on: true, text: t, list: [x, 2], deep: { leaf: l } }\n'

  test('replaces values leaf by leaf, with the type of the files', async () => {
    const config = await loaded(
      { 'c.yaml': yaml },
      {
        TEST_SERVICES_A_B_C: '2.5',
        TEST_SERVICES_A_ON: 'false',
        TEST_SERVICES_A_TEXT: '7',
        TEST_SERVICES_A_LIST_1: '3',
        TEST_SERVICES_A_DEEP_LEAF: '',
        TEST_SERVICES_NEW_VALUE: 'new',
      },
    )
    expect(config.value('a')).toEqual({ 'b-c': 2.5, on: false, text: '7', list: ['x', 3], deep: { leaf: '' } })
    expect(config.value('new.value')).toBe('new')
    expect(config.value('a.b-c')).toBe(2.5)
  })

  test('is JSON for a list', async () => {
    const config = await loaded({ 'c.yaml': yaml }, { TEST_SERVICES_A_LIST: '["y"]' })
    expect(config.value('a.list')).toEqual(['y'])
  })

  test('is refused if its type is wrong, all in one go', async () => {
    const environment = {
      TEST_SERVICES_A_B_C: 'two',
      TEST_SERVICES_A_ON: 'yes',
      TEST_SERVICES_A_LIST: 'y',
      TEST_SERVICES_A_DEEP: 'l',
    }
    expect(await problemsOf({ 'c.yaml': yaml }, environment)).toEqual([
      'TEST_SERVICES_A_B_C: expected a number for a.b-c, but got string two',
      'TEST_SERVICES_A_ON: expected a boolean for a.on, but got string yes',
      'TEST_SERVICES_A_LIST: expected a list, such as ["a", "b"], for a.list, but got string y',
      'TEST_SERVICES_A_DEEP: a.deep is a dictionary; set TEST_SERVICES_A_DEEP_LEAF instead',
    ])
  })

  test('replaces the options of a transport, and adds new ones', async () => {
    const files = { 'c.yaml': 'transports: { board: { type: ssh, host: h }, other: { type: ssh, host: h } }\n' }
    const environment = {
      TEST_SERVICES_TRANSPORTS_BOARD_HOST: '7',
      TEST_SERVICES_TRANSPORTS_BOARD_PORT: '2222',
      TEST_SERVICES_TRANSPORTS_BOARD_KNOWNHOSTS: 'false',
      TEST_SERVICES_TRANSPORTS_OTHER_TYPE: 'local',
    }
    expect([...(await loaded(files, environment)).transports]).toEqual([
      ['board', { type: 'ssh', host: '7', port: 2222, knownHosts: false }],
      ['other', { type: 'local' }],
    ])
    expect(await problemsOf(files, { TEST_SERVICES_TRANSPORTS_BOARD_PORT: 'x' })).toEqual([
      expect.stringMatching(/^TEST_SERVICES_TRANSPORTS_BOARD_PORT: transports\.board\.port: expected .*, but got "x"$/),
    ])
  })

  test("is none of this package's own variables", async () => {
    const root = join(import.meta.dirname, '../../..')
    const sources = globSync(['src/**/*.ts', 'fixtures/**/*.ts'], { cwd: root, ignore: 'src/workflow/**' })
    const texts = sources.map((name) => readFileSync(join(root, name), 'utf8'))
    const names = texts.flatMap((text) => text.match(/\bTEST_SERVICES_[A-Z_]+\b/g) ?? [])
    expect([...new Set(names)].sort()).toEqual(ownVariables)
    expect((await loaded({ 'c.yaml': 'machine: m\n' }, { TEST_SERVICES_MACHINE: 'x' })).value('machine')).toBe('m')
  })
})

describe('a mistake names file, key and what was expected', () => {
  test.each<[string, WrittenFiles, (string | RegExp)[]]>([
    [
      'a key of a transport',
      { 'c.yaml': 'transports:\n  a:\n    type: ssh\n    hots: h\n' },
      [
        'c.yaml:2:3: transports.a.host: missing',
        /^c\.yaml:4:5: transports\.a\.hots: unknown key \(did you mean "host"\?\); expected one of host, port,/,
      ],
    ],
    [
      'a type',
      { 'c.yaml': 'transports:\n  a: { type: shh }\n' },
      ['c.yaml:2:8: transports.a.type: expected local, ssh or container, but got "shh" (did you mean "ssh"?)'],
    ],
    [
      'no type',
      { 'c.toml': '[transports.a]\nhost = "h"\n' },
      ['c.toml: transports.a: type: missing; expected local, ssh or container'],
    ],
    [
      'a container without a name',
      { 'c.yaml': 'transports: { a: { type: container } }\n' },
      [
        /^c\.yaml:1:15: transports\.a: expected the name of a running container, or the image of a new one, but got neither/,
      ],
    ],
    [
      'a transport that is a text',
      { 'c.yaml': 'transports: { a: local }\n' },
      ['c.yaml:1:15: transports.a: expected a dictionary with a type, but got a text'],
    ],
    ['the reserved name', { 'c.yaml': 'transports: { initiator: { type: local } }\n' }, [/this name is reserved/]],
    ['a name with a dot', { 'c.yaml': 'transports: { a.b: { type: local } }\n' }, [/has a name of letters/]],
    [
      'transports that are a list',
      { 'c.yaml': 'transports: [a]\n' },
      ['c.yaml:1:1: transports: expected a dictionary, but got a list'],
    ],
    [
      'services',
      { 'c.yaml': 'a: 1\nservices: { db: postgres }\n' },
      [/^c\.yaml:2:1: services are declared in test-services\.config\.ts/],
    ],
    ['a list', { 'c.yaml': '- a\n' }, ['c.yaml:1:1: expected a dictionary, but got a list']],
    [
      'several files',
      { 'a.yaml': 'a: [\n', 'b.toml': 'a = \n', 'c.txt': '' },
      [
        /^a\.yaml:\d+:\d+: Flow sequence/,
        'b.toml:1:5: invalid value',
        /^c\.txt: expected a config file with the ending/,
      ],
    ],
    [
      'TypeScript',
      { 'c.mjs': typescript.replace('values:', 'valeus:') },
      [/^c\.mjs\.valeus: unknown key \(did you mean "values"\?\)/],
    ],
    [
      'a transport of TypeScript',
      { 'c.mjs': typescript.replace("host: 'board.lan'", 'port: 0') },
      ['c.mjs: transports.board.host: missing', /^c\.mjs: transports\.board\.port: expected/],
    ],
  ])('%s', async (_, files, problems) => {
    expect(await problemsOf(files)).toEqual(
      problems.map((each) => (typeof each === 'string' ? each : expect.stringMatching(each))),
    )
  })

  test('a file that does not exist, and a directory', async () => {
    const directory = writtenFiles({ 'd.yaml/file': '' })
    const files = ['no.yaml', 'no.mjs', 'd.yaml'].map((name) => join(directory, name))
    await expect(loadWorkflowConfig(files, { directory, environment: {} })).rejects.toThrow(
      /no\.yaml: there is no such file\nthere is no config file .*no\.mjs\n.*d\.yaml: is a directory; expected a file/,
    )
  })
})
