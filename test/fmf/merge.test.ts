import { describe, expect, test } from 'vitest'
import { listed } from '../support/fmf-tree.ts'

const parent = `
description: General description
tags: [Tier1, Tier2]
time: 10
vars:
  x: 1
  y: 2
`

/** Returns the data of a child of `parent`. */
async function child(attributes: string): Promise<unknown> {
  const indented = attributes.trim().replaceAll(/^/gm, '  ')
  const { '/child': data } = await listed({ 'main.fmf': `${parent}/child:\n${indented}\n` })
  return data
}

describe('suffixes of merging', () => {
  test.each([
    ['replaces a value', 'time: 3', { time: 3 }],
    ['adds numbers', 'time+: 5', { time: 15 }],
    ['adds texts', 'description+: ", more"', { description: 'General description, more' }],
    ['adds lists', 'tags+: [Tier3]', { tags: ['Tier1', 'Tier2', 'Tier3'] }],
    ['merges dictionaries', 'vars+: { x+: 1, z: 3 }', { vars: { x: 2, y: 2, z: 3 } }],
    ['puts a list first', 'tags+<: [Tier0]', { tags: ['Tier0', 'Tier1', 'Tier2'] }],
    ['puts a text first', 'description+<: "Very "', { description: 'Very General description' }],
    ['takes a value that the parent does not have', 'disabled+: true', { disabled: true }],
    ['takes suffixes off inside of a new dictionary', 'new+: { deep+: { key+: 1 } }', { new: { deep: { key: 1 } } }],
    ['subtracts numbers', 'time-: 4', { time: 6 }],
    ['removes items of a list', 'tags-: [Tier2, Tier9]', { tags: ['Tier1'] }],
    ['removes keys of a dictionary', 'vars-: [y, z]', { vars: { x: 1 } }],
    ['removes what an expression matches', "description-: ' desc.*'", { description: 'General' }],
    ['removes nothing of a missing attribute', 'pkgs-: foo', {}],
    ['substitutes in a text', "description~: '/General d/D/'", { description: 'Description' }],
    ['substitutes with any delimiter and a group', "description~: ';(G\\w+).*;<\\1>;'", { description: '<General>' }],
    ['substitutes with a named group', "description~: '/(?P<first>\\w+) .*/\\g<first>/'", { description: 'General' }],
    ['substitutes in each item, rule after rule', "tags~: ['/Tier/t/', '/Tier2/t3/']", { tags: ['t1', 't2'] }],
    ['substitutes nothing in a missing attribute', "pkgs~: '/a/b/'", {}],
    ['empties a text that matches', "description-~: '.*'", { description: '' }],
    ['removes items that match', "tags-~: ['1$', 'x']", { tags: ['Tier2'] }],
    ['removes keys that match', "vars-~: '[yz]'", { vars: { x: 1 } }],
  ])('%s', async (_, attributes, changed) => {
    const inherited = { description: 'General description', tags: ['Tier1', 'Tier2'], time: 10, vars: { x: 1, y: 2 } }
    expect(await child(attributes)).toEqual({ ...inherited, ...changed })
  })

  test('apply in the order of the file', async () => {
    const { '/remove-first': removed, '/append-first': appended } = await listed({
      'main.fmf': `
tag: [one, two, three]
/remove-first:
  tag-: [two, three]
  tag+: [three, four]
/append-first:
  tag+: [three, four]
  tag-: [two, three]
`,
    })
    expect(removed).toEqual({ tag: ['one', 'three', 'four'] })
    expect(appended).toEqual({ tag: ['one', 'four'] })
  })

  test.each([
    ['a text to a number', 'time+: five', /main\.fmf:9:3: \/child: time\+: a text cannot be added to a number/],
    ['a list to a text', 'description+: [x]', /a list cannot be added to a text/],
    ['a dictionary to texts', 'tags+: { a: 1 }', /each item of the list must be a dictionary, but one is a text/],
    ['a text from a number', 'time-: five', /a text cannot be removed from a number/],
    ['a text from a dictionary', 'vars-: x', /a text cannot be removed from a dictionary/],
    ['a substitution in a number', "time~: '/1/2/'", /expressions cannot be applied to a number/],
    ['a substitution without an end', "description~: '/a/b'", /expected "\/PATTERN\/REPLACEMENT\/"/],
    ['a broken expression', "tags-~: '('", /"\(" is no regular expression/],
    ['an expression on a number', "time-~: '1'", /expressions cannot be applied to a number/],
  ])('refuse %s, with its place', async (_, attributes, message) => {
    await expect(child(attributes)).rejects.toThrow(message)
  })
})

describe('dictionaries and lists', () => {
  test('merge a list into a dictionary', async () => {
    const nodes = await listed({
      'main.fmf': `
discover:
  how: fmf
  summary: test.
/path:
  discover+:
    - { name: upstream, summary+: upstream }
    - { name: downstream, summary+: downstream }
`,
    })
    expect(nodes['/path']).toEqual({
      discover: [
        { how: 'fmf', name: 'upstream', summary: 'test.upstream' },
        { how: 'fmf', name: 'downstream', summary: 'test.downstream' },
      ],
    })
  })

  test('merge a dictionary into each item of a list', async () => {
    const nodes = await listed({
      'main.fmf': `
discover:
  - { how: fmf, summary: project1. }
  - { how: fmf, summary: project2. }
/tier1:
  discover+: { filter: "tier: 1", summary+: tier1 }
/tier2:
  discover+: { filter: "tier: 2", summary+: tier2 }
`,
    })
    for (const tier of [1, 2]) {
      const added = { how: 'fmf', filter: `tier: ${tier}` }
      expect(nodes[`/tier${tier}`]).toEqual({
        discover: [1, 2].map((project) => ({ ...added, summary: `project${project}.tier${tier}` })),
      })
    }
  })
})
