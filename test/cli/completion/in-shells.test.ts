import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { randomName } from '../../../src/host/secret.ts'
import { eventually } from '../../support/eventually.ts'
import { cleanEnvironment, useUserProject } from '../../support/user-project.ts'

const project = useUserProject('')
const { directory } = project
const server = `ts-${randomName(8)}`
const limitMs = 30_000

function tmux(...argv: string[]): string {
  const env = { ...cleanEnvironment(), HOME: directory, PATH: `${directory}/bin:${process.env.PATH}` }
  return execFileSync('tmux', ['-L', server, '-f', '/dev/null', ...argv], { encoding: 'utf8', env })
}

beforeAll(async () => {
  project.write('test-services.config.mjs', 'export default { services: { db: 1, cache: 2 } }\n')
  project.write('two words.yaml', 'steps:\n  - name: build\n')
  project.write('workflow.yaml', 'steps:\n  - name: build\n  - name: try-it\n')
  mkdirSync(join(directory, 'bin'))
  symlinkSync(project.command, join(directory, 'bin/test-services'))
  for (const shell of ['bash', 'zsh', 'fish'])
    writeFileSync(join(directory, shell), (await project.run(['completion', shell])).stdout)
})
afterAll(async () => {
  const shells = tmux('list-panes', '-a', '-F', '#{pane_pid}').trim().split('\n')
  tmux('kill-server')
  // A shell may write its history when it ends, and would do so while the project is removed.
  await eventually('the shells have ended', () => !shells.some((pid) => existsSync(`/proc/${pid}`)))
})

const shells = [
  ['bash', 'bash --norc'],
  ['zsh', 'zsh -f'],
  ['fish', 'fish --no-config'],
] as const

test.each(shells)('%s completes a command line', async (shell, program) => {
  const type = (...keys: string[]): string => tmux('send-keys', '-t', shell, ...keys)
  const screen = (): string => tmux('capture-pane', '-p', '-J', '-t', shell)
  const shows = (what: RegExp): Promise<unknown> =>
    eventually(`${shell} shows ${what}`, () => what.test(screen()), limitMs).catch((late) => {
      throw new Error(`${late.message}:\n${screen()}`)
    })
  const completes = async (typed: string, what: RegExp): Promise<void> => {
    // Ctrl-C would race with what is typed after it.
    type('C-u')
    type('C-l')
    type('-l', typed)
    type('Tab')
    await shows(what)
  }
  tmux('new-session', '-d', '-s', shell, '-x', '200', '-y', '40', '-c', directory, program)
  type('-l', `source ./${shell}; echo "is" ready`)
  type('Enter')
  await shows(/^is ready$/m)
  await completes('test-services resou', /test-services resources /)
  await completes('test-services exec d', /test-services exec db /)
  await completes('test-services exec db ca', /test-services exec db cache /)
  await completes('test-services env --format=js', /--format=json/)
  await completes('test-services -c "two', /two words\.yaml|two\\ words\.yaml/)
  await completes('test-services workflow workflow.yaml tr', /workflow\.yaml try-it /)
  expect(screen()).not.toContain('error')
})
