import { expect, test } from 'vitest'
import { checkNeeds, reversed, subgraph, visitInOrder, withNeeds } from '../../../src/service/instance/dependencies.ts'

const diamond = new Map([
  ['top', ['left', 'right']],
  ['left', ['base']],
  ['right', ['base']],
  ['base', []],
  ['alone', []],
])

/** Each visit is logged at its begin and its end, with turns of the event loop between. */
async function visitsOf(needs: ReadonlyMap<string, readonly string[]>): Promise<string[]> {
  const calls: string[] = []
  await visitInOrder(needs, async (name) => {
    calls.push(`${name} begins`)
    await new Promise((resolve) => setImmediate(resolve))
    calls.push(`${name} ends`)
  })
  return calls
}

test('visits needs first, and independent services at the same time', async () => {
  expect(await visitsOf(subgraph(diamond, ['top', 'left', 'right', 'base']))).toEqual([
    'base begins',
    'base ends',
    'left begins',
    'right begins',
    'left ends',
    'right ends',
    'top begins',
    'top ends',
  ])
})

test('visits the other way round in the reverse order', async () => {
  expect(await visitsOf(reversed(subgraph(diamond, ['top', 'left', 'base'])))).toEqual([
    'top begins',
    'top ends',
    'left begins',
    'left ends',
    'base begins',
    'base ends',
  ])
})

test('keeps the order of what is needed over others that are left out', () => {
  expect([...subgraph(diamond, ['top', 'base'])]).toEqual([
    ['top', ['base']],
    ['base', []],
  ])
})

test('adds what is needed, directly or over others', () => {
  expect([...withNeeds(diamond, ['left'])]).toEqual(['left', 'base'])
})

test('does not visit what needs a failed one, and waits for the others', async () => {
  const visited: string[] = []
  const visiting = visitInOrder(diamond, async (name) => {
    if (name === 'left') throw new Error('left failed')
    await new Promise((resolve) => setImmediate(resolve))
    visited.push(name)
  })
  await expect(visiting).rejects.toThrow('left failed')
  expect(visited.sort()).toEqual(['alone', 'base', 'right'])
})

test('a circle is refused, with its chain', () => {
  const circle = new Map([
    ['api', ['db']],
    ['db', ['cache']],
    ['cache', ['api']],
  ])
  expect(() => checkNeeds(circle)).toThrow('api → db → cache → api')
})

test('a service that needs itself is a circle', () => {
  expect(() => checkNeeds(new Map([['api', ['api']]]))).toThrow('api → api')
})

test('a need that does not exist is refused, with its place and the names that do', () => {
  expect(() =>
    checkNeeds(
      new Map([
        ['api', ['dbs']],
        ['db', []],
      ]),
    ),
  ).toThrow('services.api.needs: there is no service "dbs" (did you mean "db"?); expected one of db')
})
