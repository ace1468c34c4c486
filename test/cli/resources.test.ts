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
