import { expect, test } from 'vitest'
import { useUserProject } from '../support/user-project.ts'

const { run, write } = useUserProject('')
write(
  'workflow-scripts/flash.ts',
  "export const description: string = 'writes an image'\nexport default async () => {}\n",
)
write('workflow-scripts/broken.mjs', 'export default 1\n')
write('workflows/lab.yaml', 'doc: |\n  Try the lab\n  all of it\nsteps:\n  - name: build\n    run: make\n')
write('workflows/lab.config.toml', '')
write('other.yaml', 'key: value\n')

test('resources lists scripts, workflows and configs with their places', async () => {
  const { code, stdout, stderr } = await run(['resources'])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^scripts\n {2}run +bundled +runs commands/)
  expect(stdout).toMatch(/^ {2}flash +workflow-scripts\/flash\.ts +writes an image$/m)
  expect(stdout).toMatch(/^ {2}broken +.* +cannot be used: .*broken\.mjs exports no function/m)
  expect(stdout).toContain('\nworkflows\n  workflows/lab.yaml  Try the lab\n\nconfigs\n  workflows/lab.config.toml\n')
})

test('resources NAME describes the arguments of a script, and how to use it', async () => {
  const { code, stdout } = await run(['resources', 'repository'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^script repository \(bundled\): clones a Git repository/)
  expect(stdout).toMatch(/^ {2}url +text +required +address/m)
  expect(stdout).toMatch(/^ {2}submodules +boolean +default: true/m)
  expect(stdout).toContain('  - name: repository\n    uses: repository\n    with:\n      url: …\n')
})

test('resources gives JSON, and says which name is near an unknown one', async () => {
  const [json, unknown] = await Promise.all([
    run(['resources', 'workflows/lab.yaml', '--json']),
    run(['resources', 'flsh']),
  ])
  expect(JSON.parse(json.stdout)).toEqual({
    kind: 'workflow',
    name: 'workflows/lab.yaml',
    where: 'workflows/lab.yaml',
    description: 'Try the lab',
    steps: ['build'],
  })
  expect(unknown.code).toBe(2)
  expect(unknown.stderr).toContain('no script, workflow or config "flsh" (did you mean "flash"?)')
})

test('resources CONFIG shows values and transports by path, and hides secrets', async () => {
  write(
    'shown.config.yaml',
    'transports: { board: { type: ssh, host: board.example, password: hunter2xyz } }\ncpus: [0, 1]\ndb: { name: a, pass_token: abc }\nurl: redis://u:secret2xyz@h\nusers: [{ name: bob, password: abc }, [{ tokens: { one: xyz } }]]\n',
  )
  write(
    'test-services.config.mjs',
    "import { command } from 'test-services'\nexport default { services: { web: command({ command: ['true'] }) }, values: { a: { b: 'c' } } }\n",
  )
  const [yaml, module, json] = await Promise.all([
    run(['resources', 'shown.config.yaml'], { env: { TEST_SERVICES_DB_NAME: 'changed' } }),
    run(['resources', 'test-services.config.mjs']),
    run(['resources', 'test-services.config.mjs', '--json']),
  ])
  expect(yaml.stdout).toBe(`config shown.config.yaml
values
  cpus                       [0,1]
  db.name                    changed
  db.pass_token              ********
  url                        redis://u:********@h
  users                      [{"name":"bob","password":"********"},[{"tokens":"********"}]]
  transports.board.type      ssh
  transports.board.host      board.example
  transports.board.password  ********
`)
  expect(module.stdout).toBe('config test-services.config.mjs\nservices\n  web\nvalues\n  a.b  c\n')
  expect(JSON.parse(json.stdout)).toMatchObject({ kind: 'config', services: ['web'], values: { 'a.b': 'c' } })
})

test('the help of workflow says where the arguments of scripts are', async () => {
  const { stdout } = await run(['workflow', '--help'])
  expect(stdout).toMatch(/arguments of a script: .*resources SCRIPT\n/)
  expect(stdout).not.toContain('--shell')
})
