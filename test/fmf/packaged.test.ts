import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, inject, test } from 'vitest'
import { fmfTree } from '../support/fmf-tree.ts'

const file = join(inject('installation'), 'node_modules/test-services/dist/pool')

test.each([
  ['a module', () => import(pathToFileURL(`${file}.js`).href)],
  ['CommonJS', async () => createRequire(import.meta.url)(`${file}.cjs`)],
])('the installed package reads a tree, as %s', async (_, load) => {
  const { fmfList, fmfTests } = await load()
  const directory = fmfTree({ 'main.fmf': 'test: x\n/a: { tag: b }\n' })
  expect(await fmfList(directory)).toEqual([{ name: '/a', data: { test: 'x', tag: 'b' } }])
  expect((await fmfTests({ directory })).tests).toHaveLength(1)
})
