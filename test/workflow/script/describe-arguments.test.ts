import { type } from 'arktype'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { describeArguments } from '../../../src/workflow/script/describe-arguments.ts'

test("valibot's entries tell names, types, defaults and descriptions", () => {
  const schema = v.strictObject({
    from: v.pipe(v.string(), v.nonEmpty(), v.description('where it begins')),
    count: v.optional(v.pipe(v.number(), v.description('how many')), 2),
    how: v.optional(v.picklist(['own', 'shared'])),
    names: v.array(v.string()),
    variables: v.record(v.string(), v.string()),
    either: v.union([v.string(), v.array(v.string())]),
  })
  expect(describeArguments(schema)).toEqual([
    { name: 'from', type: 'text', isRequired: true, description: 'where it begins' },
    { name: 'count', type: 'number', isRequired: false, default: 2, description: 'how many' },
    { name: 'how', type: 'own or shared', isRequired: false },
    { name: 'names', type: 'list of text', isRequired: true },
    { name: 'variables', type: 'text by name', isRequired: true },
    { name: 'either', type: 'text or list of text', isRequired: true },
  ])
})

test('the JSON Schema of zod tells the same', () => {
  const schema = z.object({
    from: z.string().describe('where it begins'),
    count: z.number().default(2),
    how: z.enum(['own', 'shared']).optional(),
    names: z.array(z.string()),
  })
  expect(describeArguments(schema)).toMatchObject([
    { name: 'from', type: 'text', isRequired: true, description: 'where it begins' },
    { name: 'count', type: 'number', isRequired: false, default: 2 },
    { name: 'how', type: 'own or shared', isRequired: false },
    { name: 'names', type: 'list of text', isRequired: true },
  ])
})

test('the JSON Schema of arktype tells names and types', () => {
  expect(describeArguments(type({ from: 'string', 'count?': 'number' }))).toMatchObject([
    { name: 'from', type: 'text', isRequired: true },
    { name: 'count', type: 'number', isRequired: false },
  ])
})

test('texts with the format of a name are names of transports or services', () => {
  const name = <Format extends string>(format: Format) => v.pipe(v.string(), v.metadata({ format }))
  const expected = [
    { name: 'to', type: 'transport or list of transport', format: 'transport' },
    { name: 'one', type: 'transport', format: 'transport', description: 'where' },
    { name: 'names', type: 'list of service', format: 'service' },
    { name: 'mail', type: 'text', format: undefined },
  ]
  const ofValibot = v.object({
    to: v.optional(v.union([name('transport'), v.array(name('transport'))])),
    one: v.optional(v.pipe(v.pipe(name('transport'), v.nonEmpty()), v.description('where'))),
    names: v.array(name('service')),
    mail: name('email'),
  })
  const transport = z.string().meta({ format: 'transport' })
  const ofZod = z.object({
    to: z.union([transport, z.array(transport)]),
    one: transport.optional().describe('where'),
    names: z.array(z.string().meta({ format: 'service' })),
    mail: z.email(),
  })
  expect(describeArguments(ofValibot)).toMatchObject(expected)
  expect(describeArguments(ofZod)).toMatchObject(expected)
  const ofArktype = type({ to: type('string').configure({ format: 'transport' }) })
  expect(describeArguments(ofArktype)).toMatchObject([{ type: 'transport', format: 'transport' }])
})

test('a script without a schema has no arguments, and a silent schema tells nothing', () => {
  const silent = { '~standard': { version: 1, vendor: 'own', validate: (value: unknown) => ({ value }) } } as const
  expect(describeArguments(undefined)).toEqual([])
  expect(describeArguments(silent)).toBeUndefined()
})
