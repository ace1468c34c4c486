import { describe, expect, test } from 'vitest'
import { type FmfContext, parseContext } from '../../src/fmf/context.ts'
import { decide } from '../../src/fmf/rule.ts'

function decided(rule: unknown, context: FmfContext): boolean | undefined {
  return decide({ rule, context, where: 'here' })
}

/** Checks rows of a rule and its decision; `undefined` is `cannot decide`. */
function expectDecisions(context: FmfContext, rows: readonly (readonly [string, boolean | undefined])[]): void {
  expect(rows.map(([rule]) => [rule, decided(rule, context)])).toEqual(rows)
}

describe('comparison', () => {
  test('asks for as many parts as the rule has', () => {
    expectDecisions({ component: 'git-2.3.4' }, [
      ['component == git-2.3.4', true],
      ['component = git-2.3', true],
      ['component == git-2', true],
      ['component == git', true],
      ['component != git-1', true],
      ['component != fmf', true],
      ['component == fmf', false],
      ['component == git-2.3.4.5', false],
      ['component >= git-2', true],
      ['component >= git-3', false],
      ['component > git-2.3', false],
      ['component >= fmf-2', undefined],
      ['component < git-2.3.4.5', true],
      ['component < git-2.10', true],
    ])
  })

  test('needs a version on the left to find an order', () => {
    expectDecisions({ distro: 'fedora' }, [
      ['distro < fedora-33', undefined],
      ['distro == fedora-33', false],
      ['distro != fedora-33', true],
      ['distro ~= fedora-33', undefined],
    ])
  })

  test('takes rawhide as newer than any number', () => {
    expectDecisions({ distro: 'fedora-33' }, [['distro < fedora-rawhide', true]])
  })

  test.each([
    ['centos-7.8', [true, undefined, true]],
    ['centos-7.9', [false, undefined, true]],
    ['centos-7', [undefined, undefined, true]],
    ['centos-8.1', [undefined, true, false]],
    ['centos-8.2', [undefined, false, false]],
    ['centos-8', [undefined, undefined, false]],
  ])('with ~< compares minor versions of one major version: %s', (distro, decisions) => {
    const rules = ['centos-7.9', 'centos-8.2', 'centos-8'].map((right) => `distro ~< ${right}`)
    expect(rules.map((rule) => decided(rule, { distro }))).toEqual(decisions)
  })

  test('with each minor operator skips other major versions', () => {
    expectDecisions({ distro: 'centos-8.3.0' }, [
      ['distro ~= centos-8.3', true],
      ['distro ~!= centos-8.3', false],
      ['distro ~!= centos-8.4', true],
      ['distro ~= centos-7', false],
      ['distro ~<= centos-8.3', true],
      ['distro ~> centos-8.3', false],
      ['distro ~>= centos-8.2', true],
      ['distro ~< centos-9', true],
      ['distro ~>= centos-9', false],
      ['distro ~< centos-9.2', undefined],
      ['distro ~>= centos-7.4.0 or distro ~>= centos-6.9.0', undefined],
      ['distro ~= centos', true],
      ['distro ~= fedora', false],
    ])
  })

  test('splits versions at colons, dots and dashes', () => {
    expectDecisions({ module: 'perl:5.28', component: 'python3-3.8.5-5.fc32' }, [
      ['module >= perl:5', true],
      ['module > perl:5.7', true],
      ['module >= perl:6.2', false],
      ['component == python3-3.8.5-5.fc32', true],
      ['component > python3-3.8.4', true],
    ])
  })

  test('searches for a regular expression with ~', () => {
    expectDecisions({ distro: 'fedora-42', arch: 'ppc64le' }, [
      ['distro ~ ^fedora-42$', true],
      ['distro ~ fedora|rhel', true],
      ['distro ~ ubuntu', false],
      ['arch ~ ppc64$', false],
      ['arch !~ ppc64$', true],
      ['arch !~ ppc64.*', false],
    ])
  })

  test('is true if one of several values is', () => {
    expectDecisions({ arch: ['x86_64', 'ppc64'], distro: 'centos-stream-8' }, [
      ['arch == ppc64', true],
      ['arch == s390x, ppc64', true],
      ['arch != x86_64, ppc64', true],
      ['distro < centos-stream-9, fedora-34', true],
      ['distro < fedora-34, centos-stream-8', false],
      ['distro < fedora-34', undefined],
    ])
  })
})

describe('three values', () => {
  test.each([
    ['unknown == 1 and true', undefined],
    ['unknown == 1 and false', false],
    ['unknown == 1 or true', true],
    ['unknown == 1 or false', undefined],
    ['unknown == 1 and unknown == 1', undefined],
    ['unknown == 1 or unknown == 1', undefined],
    ['true or false and false', true],
    ['false and true or unknown != 1', undefined],
  ])('%s', (rule, decision) => {
    expect(decided(rule, {})).toBe(decision)
  })

  test('is defined and is not defined always decide', () => {
    expectDecisions({ arch: 'x86_64' }, [
      ['arch is defined', true],
      ['arch is not defined', false],
      ['fips is defined', false],
      ['fips is not defined', true],
    ])
  })

  test('a boolean decides', () => {
    expect([true, false].map((rule) => decided(rule, {}))).toEqual([true, false])
  })
})

describe('mistakes', () => {
  test.each(['', 'and true', 'true or', 'distro', 'distro >', 'true or nonsense', 'distro is maybe'])(
    '"%s"',
    (rule) => {
      expect(() => decided(rule, {})).toThrow(/here: when: expected a rule such as distro >= fedora-33/)
    },
  )

  test('a rule that is a list is refused', () => {
    expect(() => decided(['distro == fedora'], {})).toThrow(/expected a rule, but got a list/)
  })

  test('a context is read from words, and refused in another form', () => {
    expect(parseContext(['distro=fedora-33', 'arch=x86_64,ppc64'])).toEqual({
      distro: ['fedora-33'],
      arch: ['x86_64', 'ppc64'],
    })
    expect(() => parseContext(['distro'])).toThrow(/expected DIMENSION=VALUE/)
  })
})
