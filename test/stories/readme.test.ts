import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { blocksOf, filesOf, readDocument } from '../support/documents.ts'
import { useCleanState } from '../support/left-nothing.ts'

useCleanState()

const readme = readDocument('README.md')
const project = join(inject('installation'), 'readme')

/** The files that a section shows. */
function filesIn(heading: string): Map<string, string> {
  const blocks = blocksOf('README.md', 'ts', 'js', 'sql').filter((block) => block.heading === heading)
  if (blocks.length === 0) throw new Error(`README shows no file below a heading "${heading}"`)
  return filesOf(blocks)
}

function scriptsIn(heading: string): string[] {
  return blocksOf('README.md', 'sh').flatMap((block) => (block.heading === heading ? [block.code] : []))
}

const [shellStory = '', execStory = ''] = scriptsIn('In a shell')
const [specCommand = ''] = scriptsIn('Without Vitest')

function hasPsql(): boolean {
  const client = 'psql'
  return spawnSync(client, ['--version']).status === 0
}

beforeAll(() => {
  mkdirSync(join(project, 'node_modules/.bin'), { recursive: true })
  symlinkSync(inject('installedCommand'), join(project, 'node_modules/.bin/test-services'))
  // Where no client is installed.
  if (!hasPsql())
    symlinkSync(join(import.meta.dirname, '../programs/plays-psql.cjs'), join(project, 'node_modules/.bin/psql'))
  const scripts = { test: 'echo tested on $LP_POSTGRES_URL' }
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module', scripts }))
})

const environment = { ...process.env, PATH: `${join(project, 'node_modules/.bin')}:${process.env.PATH}` }

function bash(script: string, directory: string): string {
  return execFileSync('bash', ['-c', `set -euo pipefail\n${script}`], {
    cwd: directory,
    encoding: 'utf8',
    stdio: 'pipe',
    env: environment,
  })
}

test('the two commands are targets of the Makefile', () => {
  const targets = [...readme.matchAll(/`make (\w+)`/g)].map(([, target = '']) => target)
  expect(targets).toEqual(expect.arrayContaining(['run', 'test', 'bench']))
  for (const target of targets) bash(`make --dry-run ${target}`, join(import.meta.dirname, '../..'))
})

test('the shell story works line by line', () => {
  const [, ...lines] = shellStory.split('\n\n')
  const said = bash(`${lines.join('\n')}\necho "then: \${LP_POSTGRES_URL-unset}"`, project)
  expect(said).toMatch(/ready/)
  expect(said).toMatch(/^then: unset$/m)
})

test('the line for one command works', () => {
  expect(bash(execStory, project)).toMatch(/^tested on postgresql:/m)
})

describe('the files of', () => {
  const api = 'In Vitest: an API and its database'
  const vitest = join(inject('installation'), 'node_modules/vitest/vitest.mjs')

  /** A project of the files of these sections; a later section replaces files of an earlier one. */
  function createProject(name: string, ...headings: readonly string[]): string {
    const directory = join(project, name)
    mkdirSync(directory)
    for (const [file, code] of headings.flatMap((heading) => [...filesIn(heading)]))
      writeFileSync(join(directory, file), code)
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
    return directory
  }

  test('an API and its database run as they stand', () => {
    const said = bash(`${process.execPath} ${vitest} run --no-color 2>&1`, createProject('api', api))
    expect(said).toMatch(/Tests\s+2 passed/)
  })

  test('an application in the process of the test run as they stand', () => {
    const directory = createProject('app', api, "An application in the test's own process")
    const said = bash(`${process.execPath} ${vitest} run --no-color 2>&1`, directory)
    expect(said).toMatch(/Tests\s+4 passed/)
    expect(said).not.toMatch(/unhandled/i)
  })

  test('node:test run as they stand', () => {
    expect(bash(specCommand, createProject('spec', api, 'Without Vitest'))).toMatch(/pass 1\n/)
  })

  test('Jest run as they stand, in a package of CommonJS', () => {
    const directory = createProject('jest', api, 'Without Vitest')
    writeFileSync(join(directory, 'package.json'), '{}')
    const runner = join(import.meta.dirname, '../programs/runs-like-jest.mjs')
    expect(bash(`node --test-reporter=tap ${runner} users.test.js`, directory)).toMatch(/^# pass 1$/m)
  })
})

test('the table tells every variable of a running service', () => {
  const rows = [...readme.matchAll(/^\| `(LP_\w*(?:<LABEL>)?\w*)`/gm)].map(([, name = '']) => name)
  const script = 'npx test-services exec postgres -- env'
  const names = [...bash(script, project).matchAll(/^(LP_POSTGRES_\w+)=/gm)].map(([, name = '']) => name)
  const files = names
    .filter((name) => /FILE$|CONTROL_PID$/.test(name))
    .map((name) => name.replace('POSTGRES', '<LABEL>'))
  expect(rows).toEqual(
    expect.arrayContaining([...files, 'LP_<LABEL>_URL', 'LP_PERSISTENT_TEST_SERVICES', 'LP_CONFIG', 'LP_STATE_DIR']),
  )
})
