import { type as ark } from 'arktype'
import * as v from 'valibot'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import {
  defineService,
  ExternalService,
  type ServiceDefinition,
  type SetUpContext,
  type StandardSchema,
} from '../../src/fixture.ts'
import type { ServiceOf } from '../../src/index.ts'
import { useCleanState } from '../support/left-nothing.ts'

useCleanState()

interface NotesConfig {
  readonly url: string
}

/** A service with methods of its own, which logs its hooks. */
class Notes extends ExternalService<NotesConfig> {
  readonly calls: string[] = []

  noteDown(text: string): void {
    this.calls.push(text)
  }

  protected async onStart(context: SetUpContext): Promise<NotesConfig> {
    context.addCleanUp(() => this.noteDown('removed'))
    this.noteDown('onStart')
    return { url: 'notes:' }
  }

  protected async onCheck(): Promise<void> {
    this.noteDown('onCheck')
  }

  protected async onReset(): Promise<void> {
    this.noteDown('onReset')
  }

  protected override async onStop({ url }: NotesConfig): Promise<void> {
    this.noteDown(`onStop ${url}`)
  }

  protected configFromVariables(): NotesConfig {
    return { url: 'notes:' }
  }
}

test('a service reads its options; those of a profile win for a configured instance', async () => {
  class Titled extends Notes {
    get title(): unknown {
      return Reflect.get(this.options, 'title')
    }
  }
  const definition = defineService({ kind: 'notes', options: { title: 'A' }, create: (init) => new Titled(init) })
  const titles: unknown[] = []
  for (const uniqueInstance of [true, false]) {
    await using notes = definition.create({ label: 'NOTES', profile: { title: 'B' } })
    await notes.setUp({ uniqueInstance })
    titles.push(notes.title)
  }
  expect(titles).toEqual(['A', 'B'])
})

test('a definition creates the class of its fixture, with its methods and its config', async () => {
  const definition = defineService({ kind: 'notes', create: (init) => new Notes(init) })
  expectTypeOf(definition).toEqualTypeOf<ServiceDefinition<NotesConfig, string, Notes>>()
  expectTypeOf<ServiceOf<typeof definition>>().toEqualTypeOf<Notes>()
  const notes = definition.create({ label: 'NOTES' })
  await notes.setUp()
  notes.noteDown('a note')
  await notes.reset()
  await notes.cleanUp()
  expect(notes.calls).toEqual(['onStart', 'a note', 'onCheck', 'onReset', 'onStop notes:', 'removed'])
})

const libraries: [string, StandardSchema, string][] = [
  ['valibot', v.strictObject({ size: v.number() }), 'notes().size: expected number, but got "big"'],
  ['zod', z.strictObject({ size: z.number() }), 'notes().size: Invalid input: expected number, received string'],
  ['arktype', ark({ size: 'number' }), 'notes().size: size must be a number (was a string)'],
]

describe.each(libraries)('a schema of %s', (_library, schema, message) => {
  const define = (options: object): ServiceDefinition =>
    defineService({
      kind: 'notes',
      options,
      schemas: { options: schema, profile: schema },
      create: (init) => new Notes(init),
    })

  test('refuses options, with the place and the expected value', () => {
    expect(() => define({ size: 'big' })).toThrow(message)
  })

  test('refuses a profile, in a config and by create', () => {
    const definition = define({ size: 1 })
    expect(() => definition.checkProfile?.({ size: 'big' }, 'notes()')).toThrow(message)
    const create = () => definition.create({ label: 'NOTES', profile: { size: 'big' } })
    expect(create).toThrow(message.replace('notes()', 'the profile of NOTES'))
  })
})

test('a schema that answers later is refused', () => {
  const schema = v.pipeAsync(
    v.object({}),
    v.checkAsync(async () => true),
  )
  const define = () => defineService({ kind: 'notes', schemas: { options: schema }, create: (init) => new Notes(init) })
  expect(define).toThrow('notes(): the schema is asynchronous; expected one that answers at once')
})
