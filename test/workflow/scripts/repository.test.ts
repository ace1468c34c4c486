import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { cleanEnvironment, type Ran, useUserProject } from '../../support/user-project.ts'

const { directory, run, write } = useUserProject('')
const identity = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' }
const settings = {
  GIT_CONFIG_COUNT: '2',
  GIT_CONFIG_KEY_0: 'protocol.file.allow',
  GIT_CONFIG_VALUE_0: 'always',
  GIT_CONFIG_KEY_1: 'init.defaultBranch',
  GIT_CONFIG_VALUE_1: 'main',
}

function git(repository: string, ...argv: string[]): string {
  const env = { ...cleanEnvironment(), ...identity, ...settings }
  return execFileSync('git', ['-C', join(directory, repository), ...argv], { encoding: 'utf8', env }).trim()
}

function commit(repository: string, file: string, content: string): string {
  write(join(repository, file), content)
  git(repository, 'add', '--all')
  git(repository, 'commit', '--quiet', '--message', content)
  return git(repository, 'rev-parse', 'HEAD')
}

/** Runs the script with these arguments besides the address. */
async function checkOut(args: Readonly<Record<string, unknown>>): Promise<Ran> {
  const step = { name: 'code', uses: 'repository', with: { url: `${directory}/origin`, directory: 'clone', ...args } }
  write('workflow.yaml', JSON.stringify({ steps: [step] }))
  return run(['workflow'], { env: settings })
}

const content = (file: string): string => readFileSync(join(directory, 'clone', file), 'utf8')
const isThere = (file: string): boolean => existsSync(join(directory, 'clone', file))
const log = (): string => readFileSync(join(directory, 'workflow-output/001_code/step.log'), 'utf8')

beforeAll(() => {
  write('library/README', '')
  git('library', 'init', '--quiet')
  commit('library', 'library.txt', 'library')
  write('origin/README', '')
  git('origin', 'init', '--quiet')
  commit('origin', 'version.txt', 'one')
  git('origin', 'tag', 'v1')
  git('origin', 'submodule', '--quiet', 'add', join(directory, 'library'), 'library')
  commit('origin', 'version.txt', 'two')
})

test('a clone is made at the default branch, with submodules', async () => {
  expect(await checkOut({})).toMatchObject({ code: 0 })
  expect([content('version.txt'), content('library/library.txt')]).toEqual(['two', 'library'])
  expect(log()).toContain(`clone is at ${git('origin', 'rev-parse', 'HEAD')}`)
})

test('a clone is brought to exactly a revision, whatever was changed in it', async () => {
  write('clone/version.txt', 'mine')
  write('clone/library/stray.txt', 'stray')
  write('clone/stray/deep.txt', 'stray')
  expect(await checkOut({ revision: 'v1' })).toMatchObject({ code: 0 })
  expect([content('version.txt'), isThere('stray'), isThere('library')]).toEqual(['one', false, false])
})

test('a branch is that of the address, also after it was moved by force', async () => {
  git('origin', 'commit', '--quiet', '--amend', '--message', 'moved')
  const moved = commit('origin', 'version.txt', 'three')
  expect(await checkOut({ revision: 'main' })).toMatchObject({ code: 0 })
  expect([content('version.txt'), log()]).toEqual(['three', expect.stringContaining(moved)])
})

test('an unknown revision, and a clone of another address, fail and change nothing', async () => {
  const unknown = await checkOut({ revision: 'v9' })
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('there is no revision "v9" in')])
  write('clone/mine.txt', 'mine')
  const other = await checkOut({ url: `${directory}/library` })
  expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('is a repository of')])
  expect([content('version.txt'), isThere('mine.txt')]).toEqual(['three', true])
})
