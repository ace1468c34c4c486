import { chmodSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fmfList } from '../../src/fmf/fmf-list.ts'
import { fmfTree, listed } from '../support/fmf-tree.ts'

const wget = `
tester: Somebody
tags: [Tier2, TierSecurity]
test: runtest.sh
`

describe('hierarchy and inheritance', () => {
  test('a child inherits, and replaces what it defines', async () => {
    const nodes = await listed({
      'main.fmf': `${wget}/download:\n  time: 3 min\n/recursion:\n  time: 20 min\n  tags: [Tier1]\n`,
    })
    const inherited = { tester: 'Somebody', tags: ['Tier2', 'TierSecurity'], test: 'runtest.sh' }
    expect(nodes).toEqual({
      '/download': { ...inherited, time: '3 min' },
      '/recursion': { ...inherited, time: '20 min', tags: ['Tier1'] },
    })
  })

  test('one file and many files give the same tree', async () => {
    const one = await listed({ 'main.fmf': `${wget}/download:\n  time: 3 min\n/recursion/deep:\n  time: 20 min\n` })
    const many = await listed({
      'main.fmf': wget,
      'download/main.fmf': 'time: 3 min',
      'recursion/deep.fmf': 'time: 20 min',
    })
    expect(many).toEqual(one)
  })

  test('a deeper hierarchy may stand on one line', async () => {
    const nodes = await listed({ 'main.fmf': '/one:\n  /two:\n    /three:\n      a: 1\n/one/two/three:\n  b: 2\n' })
    expect(nodes).toEqual({ '/one/two/three': { a: 1, b: 2 } })
  })

  test('scattered files of one node are read from top to bottom', async () => {
    const nodes = await listed({
      'main.fmf': '/download:\n  one: 1\n  all: main\n',
      'download.fmf': 'two: 2\nall: file\n',
      'download/main.fmf': 'three: 3\nall: directory\n',
    })
    expect(nodes).toEqual({ '/download': { one: 1, two: 2, three: 3, all: 'directory' } })
  })

  test('the directive inherit: false ends inheritance', async () => {
    const nodes = await listed({ 'main.fmf': 'a: 1\n/alone:\n  /:\n    inherit: false\n  b: 2\n  /below:\n    c: 3\n' })
    expect(nodes).toEqual({ '/alone/below': { b: 2, c: 3 } })
  })

  test('the directive select shows a branch and hides a leaf', async () => {
    const nodes = await listed({
      'main.fmf': '/:\n  select: true\ntest: run\n/shown: {}\n/hidden:\n  /:\n    select: false\n',
    })
    expect(Object.keys(nodes)).toEqual(['/', '/shown'])
  })

  test('virtual tests share what their parent defines', async () => {
    const nodes = await listed({ 'wget.fmf': 'test: run\n/fast:\n  environment: MODE=fast\n/full:\n' })
    expect(nodes).toEqual({
      '/wget/fast': { test: 'run', environment: 'MODE=fast' },
      '/wget/full': { test: 'run' },
    })
  })

  test('a branch of data that is shared by an anchor is not changed by its copies', async () => {
    const nodes = await listed({ 'main.fmf': 'a: &a { x: 1 }\nb: *a\n/child:\n  a+: { x+: 1 }\n  <<: { c: 3 }\n' })
    expect(nodes).toEqual({ '/child': { a: { x: 2 }, b: { x: 1 }, c: 3 } })
  })
})

describe('files', () => {
  test('hidden files, trees inside and directories without metadata are left out', async () => {
    const files = {
      '.hidden.fmf': 'a: 1',
      '.hidden/main.fmf': 'a: 1',
      'inner/main.fmf': 'a: 1',
      'inner/.fmf/version': '1',
    }
    expect(await listed({ ...files, 'nothing/file.txt': '', 'zero.fmf': '', 'main.fmf': 'x: 1' })).toEqual({
      '/zero': { x: 1 },
    })
  })

  test('.fmf/config includes hidden files and directories', async () => {
    const config = 'explore:\n  include: [.plans, .tests.fmf]\n'
    const nodes = await listed({
      '.fmf/config': config,
      '.plans/a.fmf': 'x: 1',
      '.tests.fmf': 'y: 1',
      '.b.fmf': 'z: 1',
    })
    expect(Object.keys(nodes)).toEqual(['/.plans/a', '/.tests'])
  })

  test('a tree is found from a directory inside', async () => {
    const root = fmfTree({ 'a/b/main.fmf': 'x: 1' })
    expect(await fmfList(join(root, 'a/b'))).toEqual([{ name: '/a/b', data: { x: 1 } }])
  })

  test('links that form a loop are entered once', async () => {
    const root = fmfTree({ 'a/main.fmf': 'x: 1' })
    symlinkSync('../a', join(root, 'a/again'))
    symlinkSync('loop', join(root, 'loop'))
    expect((await fmfList(root)).map(({ name }) => name)).toEqual(['/a/again'])
  })

  test('a directory that may not be read is left out', async () => {
    const root = fmfTree({ 'a.fmf': 'x: 1' })
    mkdirSync(join(root, 'closed'))
    chmodSync(join(root, 'closed'), 0)
    expect(await fmfList(root)).toHaveLength(1)
  })

  test.each([
    ['that is not UTF-8', { 'a.fmf': Buffer.from('x: 1\ny: \xff\n', 'latin1') }, /a\.fmf:2:1: the line is not UTF-8/],
    ['with a key twice', { 'a.fmf': 'x: 1\nx: 2\n' }, /a\.fmf:2:1: Map keys must be unique/],
    ['with an error of syntax', { 'a.fmf': 'missing\ncolon:\n' }, /a\.fmf:\d+:\d+: \w+/],
    ['with a key that is nothing', { 'a.fmf': 'x: 1\nnull: 2\n' }, /a\.fmf:2:1: a key must be a text/],
    ['with a key __proto__', { 'a.fmf': '__proto__+: { x: 1 }\n' }, /a key must be a text/],
    ['that is a list', { 'a.fmf': '- 1\n' }, /a\.fmf:1:1: expected a dictionary, but got a list/],
    ['with a node that is a text', { 'a.fmf': '/b: text\n' }, /\/b is a node: expected a dictionary, but got a text/],
    ['with a node without a name', { 'a.fmf': '//: {}\n' }, /"\/\/" is no name of a node/],
    ['with an unknown directive', { 'a.fmf': '/:\n  inherited: false\n' }, /unknown directive "inherited"/],
    ['with a directive that is a text', { 'a.fmf': '/:\n  select: maybe\n' }, /select: expected true or false/],
    ['with an anchor that contains itself', { 'a.fmf': 'x: &x [*x]\n' }, /a\.fmf/],
    ['of another version', { '.fmf/version': '2\n' }, /expected format version 1, but got 2/],
    ['with a config that is no list', { '.fmf/config': 'explore:\n  include: a\n' }, /include: expected a list/],
  ])('a file %s is refused', async (_, files, message) => {
    await expect(listed(files)).rejects.toThrow(message)
  })

  test('a directory without a tree is refused with what to do', async () => {
    await expect(fmfList('/')).rejects.toThrow(/\/: no FMF tree; .*echo 1 > \.fmf\/version/)
    await expect(fmfList('/nowhere-at-all')).rejects.toThrow(/there is no such directory/)
  })
})
