import { describe, expect, test } from 'vitest'
import { listed } from '../support/fmf-tree.ts'

const full = `
duration: 5m
enabled: true
require: [one]
adjust:
  - enabled: false
    when: distro = centos
    because: the feature is not there yet
    continue: false
  - duration: 1m
    when: arch = ppc64
  - require+: [two]
    when: distro = fedora
/inherit:
  summary: inherits all rules
/define:
  adjust:
    recommend: custom-package
    when: distro = fedora
/extend:
  adjust+:
    - require+: [three]
      when: distro = fedora
`

describe('adjust', () => {
  test.each([
    [
      'fedora-33 on two architectures',
      { distro: 'fedora-33', arch: ['x86_64', 'ppc64'] },
      {
        '/inherit': { enabled: true, duration: '1m', require: ['one', 'two'] },
        '/define': { enabled: true, duration: '5m', require: ['one'], recommend: 'custom-package' },
        '/extend': { enabled: true, duration: '1m', require: ['one', 'two', 'three'] },
      },
    ],
    [
      'centos, where the first rule is the last',
      { distro: 'centos-8.4' },
      {
        '/inherit': { enabled: false, duration: '5m', require: ['one'] },
        '/define': { enabled: true, duration: '5m', require: ['one'] },
        '/extend': { enabled: false, duration: '5m', require: ['one'] },
      },
    ],
    [
      'an empty context, which decides nothing',
      {},
      {
        '/inherit': { enabled: true, duration: '5m', require: ['one'] },
        '/define': { enabled: true, duration: '5m', require: ['one'] },
        '/extend': { enabled: true, duration: '5m', require: ['one'] },
      },
    ],
  ])('follows the rules for %s', async (_, context, expected) => {
    const nodes = await listed({ 'main.fmf': full }, { context })
    expect(nodes).toMatchObject(expected)
    expect('recommend' in Object(nodes['/define'])).toBe('recommend' in expected['/define'])
  })

  test('applies a rule without when, and keeps the rules in the data', async () => {
    const nodes = await listed({ 'a.fmf': 'tag: [x]\nadjust: { tag+: [y], because: of it }\n' })
    expect(nodes).toEqual({ '/a': { tag: ['x', 'y'], adjust: { 'tag+': ['y'], because: 'of it' } } })
  })

  test.each([
    ['rules that are a text', 'adjust: weird', /a\.fmf:1:1: \/a: adjust: a rule must be a dictionary, but is a text/],
    ['a continue that is a text', 'adjust: { continue: weird }', /continue: expected true or false, but got a text/],
    ['a when that is nothing', 'adjust: { when: }', /when: expected a rule, but got nothing/],
    ['a broken when', 'adjust: { when: "a b" }', /a\.fmf:1:1: \/a: adjust: when: expected a rule/],
    ['types that do not fit', 'x: 1\nadjust: { x+: [1] }', /a\.fmf:2:1: \/a: adjust: x\+: a list cannot be added/],
  ])('refuses %s', async (_, text, message) => {
    await expect(listed({ 'a.fmf': text })).rejects.toThrow(message)
  })
})
