import { describe, expect, test } from 'vitest'
import { meetsCondition } from '../../src/fmf/condition.ts'
import { filterOf } from '../../src/fmf/filter.ts'
import { listed } from '../support/fmf-tree.ts'

const data = { tag: ['Tier1', 'TIPpass'], category: 'Sanity', tier: 1, enabled: true, none: null }
const node = { name: '/tests/core/one', data }

describe('filter', () => {
  test.each([
    ['', true],
    ['tag: Tier1', true],
    ['tag: -Tier2', true],
    ['tag: !Tier2', true],
    ['tag:Tier2', false],
    ['tag: -Tier1', false],
    ['category: Sanity', true],
    ['tag: Tier1 | tag: Tier2', true],
    ['tag: -Tier1 | tag: -Tier2', true],
    ['tag: Tier1 & tag: TIPpass', true],
    ['tag: Tier1 & tag: Tier2', false],
    ['tag: Tier2 | category: Regression', false],
    [' tag : Tier1 & category : Sanity ', true],
    ['tag: Tier1, Tier2', true],
    ['tag: -Tier1, -Tier2', true],
    ['tag: Tier2, Tier3', false],
    ['tag: Tier.*', true],
    ['tag: Tier', false],
    ['tag: Tier[123]', true],
    ['tag: -Tier.*', false],
    ['tier: 1', true],
    ['enabled: true', true],
    ['enabled: True', true],
    ['enabled: -true', false],
    ['none: None', true],
    ['status: proposed | tag: Tier1', false],
    ['/core/', true],
    ['/core/ & tag: Tier2', false],
    ['!/core/', false],
    ['name: /tests/.*', true],
    ['/tests/with space', false],
  ])('%j: %s', (filter, passes) => {
    expect(filterOf(filter)(node)).toBe(passes)
  })

  test.each([
    ['tag: a |', /expected ATTRIBUTE: VALUE/],
    [': a', /expected ATTRIBUTE: VALUE/],
    ['tag smoke', /"tag smoke": expected ATTRIBUTE: VALUE/],
    ['other: (', /no regular expression/],
  ])('refuses %j', (filter, message) => {
    expect(() => filterOf(filter)).toThrow(message)
  })
})

describe('condition', () => {
  test.each([
    ['tier == 1', true],
    ['tier != 1 or category == "Sanity"', true],
    ["'Tier1' in tag and 'slow' not in tag", true],
    ['not tag', false],
    ['0 < tier <= 1', true],
    ['tier in [1, 2]', true],
    ["tier in ('a', 'b')", false],
    ["tag[0] == 'Tier1' and tag[-1] == 'TIPpass'", true],
    ["category[0] == 'S'", true],
    ['none == None and enabled == True', true],
    ["'manual' not in locals() or manual", true],
    ['missing == 1', false],
    ['missing["key"]', false],
    ['(tier == 2 or tier == 1) and -1 < tier', true],
  ])('%s: %s', (condition, meets) => {
    expect(meetsCondition(condition, data)).toBe(meets)
  })

  test.each([
    ['__import__("os")', 11],
    ['tier = 1', 6],
    ['tier ==', 8],
    ['(tier', 6],
    ['tier 1', 6],
    ['tier == 1 and', 14],
    ['[1 2]', 4],
  ])('refuses %s at its column', (condition, column) => {
    expect(() => meetsCondition(condition, data)).toThrow(`column ${column}: unexpected`)
  })
})

describe('search', () => {
  const files = { 'main.fmf': 'tag: a\n/one: { tier: 1 }\n/two: { tier: 2 }\n/two-b: { tier: 2, tag: b }\n' }

  test.each([
    [{ names: ['two', '^/one$'] }, ['/one', '/two', '/two-b']],
    [{ names: ['two'], exclude: ['b$'] }, ['/two']],
    [{ filter: ['tag: a', 'tier: 2'] }, ['/two']],
    [{ condition: 'tier == 2', filter: 'tag: b' }, ['/two-b']],
    [{ names: [] }, ['/one', '/two', '/two-b']],
  ])('%j', async (search, names) => {
    expect(Object.keys(await listed(files, search))).toEqual(names)
  })

  test('refuses a name that is no expression', async () => {
    await expect(listed(files, { names: ['('] })).rejects.toThrow(/names: "\(" is no regular expression/)
  })
})
