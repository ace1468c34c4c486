import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { useCleanState } from '../../support/left-nothing.ts'
import { useUserProject } from '../../support/user-project.ts'
import { useWorkflowMachines } from '../../support/workflow-machines.ts'

useCleanState()
const { directory, run, write } = useUserProject('')
const { image, container, server } = useWorkflowMachines()

const workflow = `
steps:
  - name: say
    environment: { GREETING: "it's \\"{{ config.name }}\\" \`x\` $HOME ä€😀", VERSION: 1.10 }
    run: |
      # Each character reaches the command as it is.
      printf '%s|' "$GREETING" "$VERSION" '{{ config.odd }}' "{{ '{{' }}" \\
        '*' "a  b"
      printf '\\000\\377no newline'
  - name: list
    directory: "{{ config.directory }}"
    run: "{{ config.commands }}"
  - name: script
    uses: run
    with: { commands: [[sh, -c, 'printf "%s|" "$@"', sh, "", " ", "$HOME", "{{ config.odd }}", "a\\nb"], "exit 0"] }
`
const values = { name: 'bo"ard', odd: '\\ $(id) `id` "!" &', directory: '/tmp', commands: ['pwd', 'echo err >&2'] }

/** Returns all outputs of a run, by their paths. */
function outputsIn(output: string): Record<string, string> {
  const files = readdirSync(join(directory, output), { recursive: true, encoding: 'utf8' })
  const outputs = files.filter((file) => file.endsWith('.output')).sort()
  return Object.fromEntries(outputs.map((file) => [file, readFileSync(join(directory, output, file), 'latin1')]))
}

test('a config moves a workflow from this machine to ssh and to containers', async () => {
  write('flow.yaml', workflow)
  write('values.yaml', stringify(values))
  const { host, port, user, key, knownHosts } = server().options
  const configs = {
    'here.yaml': stringify({ transports: { machine: { type: 'local' } } }),
    'there.toml': `[transports.machine]\ntype = "ssh"\nhost = "${host}"\nport = 1\nuser = "${user}"\nkey = "${key}"\nknownHosts = "${knownHosts}"\nagent = false\n`,
    'box.mjs': `export default { services: {}, transports: { machine: { type: 'container', image: '${image}' } } }\n`,
    'running.yaml': stringify({ transports: { machine: { type: 'container', name: container } } }),
  }
  const env = { ...process.env, TEST_SERVICES_TRANSPORTS_MACHINE_PORT: `${port}` }
  const outputs = []
  for (const [name, text] of Object.entries(configs)) {
    write(name, text)
    const argv = ['workflow', 'flow.yaml', '-c', 'values.yaml', '-c', name, '--output', `out/${name}`]
    const { code, stderr } = await run(argv, { env })
    expect(code, stderr).toBe(0)
    outputs.push(outputsIn(`out/${name}`))
  }
  const [here, ...others] = outputs
  expect(here?.['001_say/cmd_01.output']).toBe(
    Buffer.from(`it's "bo"ard" \`x\` $HOME ä€😀|1.10|${values.odd}|{{|*|a  b|`).toString('latin1'),
  )
  expect(here?.['002_list/cmd_01.output']).toBe('/tmp\n')
  expect(here?.['003_script/cmd_01.output']).toBe(`| |$HOME|${values.odd}|a\nb|`)
  expect(others).toEqual([here, here, here])
})
