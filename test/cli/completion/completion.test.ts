import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { cleanEnvironment, useUserProject } from '../../support/user-project.ts'

const { run, write, directory, command } = useUserProject('')
write(
  'test-services.config.ts',
  'throw 1 // export default\nexport default { services: { db, "my-cache": cache() } }\n',
)
write('workflow.yaml', 'steps:\n  - name: build\n    run: make\n  - name: try-it\n    run: make test\n')

/** Returns what completes the last of these words. */
async function complete(...words: string[]): Promise<string[]> {
  const { stdout } = await run(['__complete', 'zsh', ...words])
  return stdout.split('\n').flatMap((line) => line.split('\t', 1))
}

test.each([
  [['resou'], ['none', 'resources', '']],
  [
    ['start', 'm'],
    ['none', 'my-cache', ''],
  ],
  [
    ['exec', 'db', ''],
    ['none', 'my-cache', ''],
  ],
  [
    ['pool', 'run', '--mach'],
    ['none', '--machines', ''],
  ],
  [
    ['env', '--format=js'],
    ['none', '--format=json', ''],
  ],
  [
    ['-c', ''],
    ['files', ''],
  ],
  [
    ['exec', 'db', '--', 'npm', ''],
    ['files', ''],
  ],
  [
    ['workflow', 'workflow.yaml', 'build', 't'],
    ['none', 'try-it', ''],
  ],
])('%j is completed to %j', async (words, completions) => {
  expect(await complete(...words)).toEqual(completions)
})

test('bash completes the part of a word behind its own cut', async () => {
  const { stdout: script } = await run(['completion', 'bash'])
  const line = 'test-services env --format=js'
  const ask = `COMP_LINE='${line}' COMP_POINT=${line.length}; _test_services ${command}; printf '%s\\n' "\${COMPREPLY[@]}"`
  const options = { input: `${script}\n${ask}`, cwd: directory, encoding: 'utf8', env: cleanEnvironment() } as const
  expect(execFileSync('bash', ['--norc', '-s'], options)).toBe('json\n')
})
