import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { useCleanState } from '../support/left-nothing.ts'

useCleanState()

const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
const project = join(inject('installation'), 'readme')

/** The code blocks of a language, in their order. */
function blocks(language: string, text = readme): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, code = '']) => code)
}

/** The text below a heading, up to the next one. */
function section(heading: string): string {
  const [, ...parts] = readme.split(/^##+ /m)
  const found = parts.find((part) => part.startsWith(`${heading}\n`))
  if (found === undefined) throw new Error(`README has no heading "${heading}"`)
  return found
}

/** The files that a section shows: each begins with a comment that holds its name. */
function filesOf(heading: string): Map<string, string> {
  const shown = blocks('(?:ts|js|sql)', section(heading))
  return new Map(shown.map((code) => [/^(?:\/\/|--) (\S+)\n/.exec(code)?.[1] ?? '', code]))
}

const [shellStory = '', execStory = '', specCommand = ''] = blocks('sh')

/** Where no client is installed, `psql URL -c SQL` is this. */
const psql = `#!/usr/bin/env node
const { Client } = require('pg')
const [url, , sql] = process.argv.slice(2)
const client = new Client(url)
client.connect().then(() => client.query(sql)).then(({ rows }) => console.log(rows)).finally(() => client.end())
`

function hasPsql(): boolean {
  const client = 'psql'
  return spawnSync(client, ['--version']).status === 0
}

beforeAll(() => {
  mkdirSync(join(project, 'node_modules/.bin'), { recursive: true })
  symlinkSync(inject('installedCommand'), join(project, 'node_modules/.bin/test-services'))
  if (!hasPsql()) writeFileSync(join(project, 'node_modules/.bin/psql'), psql, { mode: 0o755 })
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

test('what README and docs link to is in the package', () => {
  const root = join(import.meta.dirname, '../..')
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[] }
  const documents = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
  const linksOf = (file: string): string[] =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) =>
      normalize(join(dirname(file), link)),
    )
  const links = ['README.md', ...documents.map((name) => `docs/${name}`)].flatMap(linksOf)
  expect(links).toContain('fixtures/librarian/index.ts')
  expect(links.filter((link) => !existsSync(join(root, link)))).toEqual([])
  expect(links.filter((link) => !['README.md', ...files].includes(link.split('/')[0] ?? ''))).toEqual([])
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
    for (const [file, code] of headings.flatMap((heading) => [...filesOf(heading)]))
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
