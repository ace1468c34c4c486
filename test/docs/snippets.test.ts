import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Block, blocksOf, documents } from '../support/documents.ts'
import { createTypedProject, type TypedProject } from '../support/typed-project.ts'

const installed = [
  'valibot',
  'vitest',
  'vite',
  '@types/node',
  'undici-types',
  '@types/pg',
  'pg',
  'pg-types',
  'pg-protocol',
  'amqplib',
  'ioredis',
  '@nats-io/transport-node',
  'nodemailer',
  '@types/nodemailer',
  'etcd3',
]
const shared = ['--module', 'nodenext', '--target', 'esnext', '--skipLibCheck', '--allowImportingTsExtensions']
const surroundings = 'surroundings.ts'

let project: TypedProject

beforeAll(async () => {
  project = await createTypedProject(installed)
  await project.write(surroundings, readFileSync(join(import.meta.dirname, 'fragments', surroundings), 'utf8'))
})
afterAll(() => project[Symbol.asyncDispose]())

/** Paths of the blocks of a document, by content: one folder, and a new one whenever a file is shown again. */
function place(document: string, blocks: readonly Block[]): Map<string, string> {
  const placed = new Map<string, string>()
  const shown = new Map<string, string>()
  let folder = document
  for (const [index, { file, language, code }] of blocks.entries()) {
    if (file === undefined) placed.set(join(folder, `fragment-${index}.${language}`), `${code}\nexport {}\n`)
    else {
      if (shown.has(file)) folder = join(document, String(index))
      shown.set(file, code)
      for (const [name, content] of shown) placed.set(join(folder, name), content)
    }
  }
  return placed
}

async function write(...languages: readonly string[]): Promise<string[]> {
  const files = documents.flatMap((document) => [...place(document, blocksOf(document, ...languages))])
  for (const [path, code] of files) await project.write(path, code)
  return files.map(([path]) => path)
}

const isFragment = (path: string): boolean => /fragment-\d+\.\w+$/.test(path)

test('files in TypeScript that documents show compile as they stand', async () => {
  const files = (await write('ts')).filter((path) => !isFragment(path))
  const folders = new Set(files.map(dirname))
  expect(folders.size).toBeGreaterThan(3)
  expect(await project.compile([...shared, '--strict', '--types', 'node', ...files], ...folders)).toEqual([])
})

test('fragments in TypeScript compile among what the page has named', async () => {
  const fragments = (await write('ts')).filter(isFragment)
  const argv = [...shared, '--strict', '--types', 'node', surroundings, ...fragments]
  expect(await project.compile(argv, surroundings, ...fragments)).toEqual([])
})

test('snippets in JavaScript compile', async () => {
  const snippets = await write('js')
  const options = ['--allowJs', '--checkJs', '--strict', 'false', '--types', 'node']
  expect(await project.compile([...shared, ...options, surroundings, ...snippets], ...snippets)).toEqual([])
})

test('every block of code says in which language it is', () => {
  const unnamed = documents.flatMap((document) => blocksOf(document, '').map(({ code }) => `${document}: ${code}`))
  expect(unnamed).toEqual([])
})
