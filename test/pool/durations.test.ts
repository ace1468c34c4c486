import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Durations } from '../../src/pool/durations.ts'
import { testOf } from '../support/controlled-tests.ts'
import { useCleanState } from '../support/left-nothing.ts'

const state = useCleanState()

/** Records a duration in a run of its own. Runs of the same millisecond have no order. */
function record(project: string, test: string, durationMs: number): void {
  for (const before = Date.now(); Date.now() === before; );
  const durations = load(project)
  durations.record(test, 'here', durationMs)
  durations.save()
}

describe('Durations', () => {
  test('a duration is the median of the last five', () => {
    for (const durationMs of [1, 2, 900, 3, 4, 5, 6]) record('/median', 'a', durationMs)

    expect(load('/median').expectedMs('a', 'here')).toBe(5)
  })

  test('platforms and projects have durations of their own', () => {
    record('/one', 'a', 10)

    expect(load('/one').expectedMs('a', 'there')).toBeUndefined()
    expect(Durations.load('/other', join(state.stateDirectory, '/one')).expectedMs('a', 'here')).toBeUndefined()
  })

  test('runs at the same time lose nothing', () => {
    const [first, second] = [load('/together'), load('/together')]
    first.record('a', 'here', 1)
    second.record('b', 'here', 2)
    first.save()
    second.save()

    const known = load('/together')
    expect([known.expectedMs('a', 'here'), known.expectedMs('b', 'here')]).toEqual([1, 2])
  })

  test('many runs are put together, and a test that none of them ran is kept', () => {
    record('/many', 'seldom', 7)
    for (let run = 0; run < 60; run++) record('/many', 'often', run)

    const known = load('/many')
    expect([known.expectedMs('seldom', 'here'), known.expectedMs('often', 'here')]).toEqual([7, 57])
    expect(filesOf('/many').length).toBeLessThanOrEqual(20)
  })

  test('a damaged line costs its durations alone', () => {
    record('/damaged', 'a', 3)
    const [file = ''] = filesOf('/damaged')
    const path = join(state.stateDirectory, file)
    writeFileSync(path, `["here","a"\n{}\n["here",7]\n["here","b","long"]\n${readFileSync(path, 'utf8')}`)

    expect(load('/damaged').expectedMs('a', 'here')).toBe(3)
    expect(load('/damaged').expectedMs('b', 'here')).toBeUndefined()
  })

  test('tests are put into the order for a queue: unknown ones, then the longest', () => {
    record('/order', 'short', 5)
    record('/order', 'long', 50)
    const tests = ['short', 'new', 'long'].map((name) => testOf(name))

    expect(
      load('/order')
        .longestFirst(tests)
        .map(({ name }) => name),
    ).toEqual(['new', 'long', 'short'])
  })

  test('a run without durations writes nothing', () => {
    load('/nothing').save()

    expect(filesOf('/nothing')).toEqual([])
  })
})

/** Files of the project, which has a state directory of its own. */
function filesOf(project: string): string[] {
  const names = readdirSync(state.stateDirectory, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.startsWith(`${project.slice(1)}/`) && name.endsWith('.jsonl'))
}

function load(project: string): Durations {
  return Durations.load(project, join(state.stateDirectory, project))
}
