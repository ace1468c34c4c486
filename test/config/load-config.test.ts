import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { cases } from '../support/repeats.ts'

/** A user's projects, beside the installed package: loading is up to Node and tsx there, not to Vitest. */
const projects = mkdtempSync(join(inject('installation'), 'configs-'))
afterAll(() => rmSync(projects, { recursive: true, force: true }))

const loader = join(projects, 'loads-a-config.mjs')
copyFileSync(join(import.meta.dirname, '../programs/loads-a-config.mjs'), loader)

interface Loaded {
  readonly names?: readonly string[]
  readonly file?: string
  readonly directory?: string
  readonly code?: string
  readonly message: string
}

/** Loads a config file of a new project. */
function load(name: string, text: string, type: string | undefined = 'module'): Loaded & { readonly path: string } {
  const directory = mkdtempSync(join(projects, 'project-'))
  const path = join(directory, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ type }))
  writeFileSync(path, text)
  const output = execFileSync(process.execPath, [loader, path], { encoding: 'utf8' })
  return { ...(JSON.parse(output) as Loaded), path }
}

const plain = `
import { command, defineConfig } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'
export default defineConfig({ services: { files: librarian(), app: command({ command: ['true'], port: false }) } })
`
const required = `
const { command, defineConfig } = require('test-services')
const { librarian } = require('test-services/fixtures/librarian')
module.exports = defineConfig({ services: { files: librarian(), app: command({ command: ['true'], port: false }) } })
`
const typed = `${plain}
const kept: number = 1
export type Kept = typeof kept
`

describe('a config file is loaded', () => {
  test.each([
    ['ts', typed, 'module'],
    ['ts', typed, 'commonjs'],
    ['mts', typed, 'commonjs'],
    ['js', plain, 'module'],
    ['mjs', plain, 'commonjs'],
    ['js', plain, undefined],
    ['js', required, 'commonjs'],
  ])('%#: .%s', (extension, text, type) => {
    const loaded = load(`test-services.config.${extension}`, text, type)
    expect(loaded).toMatchObject({ names: ['files', 'app'], file: loaded.path, directory: dirname(loaded.path) })
  })

  test('when it imports other TypeScript of the project', () => {
    const directory = mkdtempSync(join(projects, 'shared-'))
    writeFileSync(join(directory, 'name.ts'), 'export const name: string = "files"')
    const text = `
      import { defineConfig } from 'test-services'
      import { librarian } from 'test-services/fixtures/librarian'
      import { name } from '${directory}/name.ts'
      export default defineConfig({ services: { [name]: librarian() } })`
    expect(load('test-services.config.ts', text)).toMatchObject({ names: ['files'] })
  })
})

describe('a config file that is wrong is told with its path', () => {
  test.each([
    ['without a default export', 'export const config = {}', 'exports no config: write "export default defineConfig('],
    ['with a default export of something else', 'export default 3', 'expected an object, but got 3'],
    ['that throws', 'throw new Error("no luck")', 'no luck'],
    [
      'with a mistake in an option',
      plain.replace('librarian()', 'librarian({ prot: 1 })'),
      'librarian().prot: unknown key',
    ],
    ['with a mistake in a service', plain.replace('librarian()', '3'), 'services.files: expected a service'],
    [
      'with a fixture that is not called',
      plain.replace('librarian()', 'librarian'),
      'did you forget to call it: librarian()?',
    ],
    [
      'with a mistake in a profile',
      plain.replace('} })', '}, profiles: { dev: { files: { prot: 1 } } } })'),
      'profiles.dev.files.prot: unknown key',
    ],
    ['that imports what is not there', 'import "nowhere-to-be-found"', 'nowhere-to-be-found'],
  ])('%s', (_title, text, message) => {
    for (const extension of ['ts', 'js']) {
      const loaded = load(`test-services.config.${extension}`, text)
      expect(loaded.code).toBe('ERR_CONFIG')
      expect(loaded.message).toContain(loaded.path)
      expect(loaded.message).toContain(message)
    }
  })

  test.each(cases(['ts'], ['js', 'mjs']))('and line where it does not parse: .%s', (extension) => {
    const loaded = load(`test-services.config.${extension}`, 'export const a = 1\nexport default {{\n')
    expect(loaded.code).toBe('ERR_CONFIG')
    expect(loaded.message).toMatch(new RegExp(`${loaded.path}:[23]\\b`))
  })

  test('and line where it throws', () => {
    const loaded = load('test-services.config.ts', '\n\nthrow new Error("no luck")')
    expect(loaded.message).toContain(`${loaded.path}:3`)
  })

  test('with what to do where the package says that it is no module', () => {
    const loaded = load('test-services.config.js', plain, 'commonjs')
    expect(loaded.message).toContain('its package is of type "commonjs": rename the file to .mjs')
  })

  test('when it is empty', () => {
    const loaded = load('other.ts', '')
    expect(loaded.message).toContain('exports no config')
  })
})
