import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createDeferred } from '../../src/kernel/deferred.ts'
import { machinesOf, newPool, Script } from '../support/controlled-tests.ts'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { programArgv, type StartedProgram, startProgram } from '../support/program.ts'

const state = useCleanState()

describe('stop', () => {
  test('a stop cancels what runs, gives all machines back, and leaves the rest', async () => {
    const script = new Script()
    const pool = script.pool(['a', 'b', 'c', 'd'], ['A', 'B'])
    const running = pool.run()
    script.arrive('A', 'B')
    await script.finish('a on A')
    await script.until('b on B')
    await script.until('c on A')
    await pool.stop()

    expect(await running).toMatchObject({ outcome: 'canceled', passed: 1, failed: 0, infra: 0, notRun: 3, attempts: 3 })
    expect(script.log.filter((line) => line.endsWith('gone')).toSorted()).toEqual(['A gone', 'B gone'])
  })

  test('a stop cancels machines that are being reserved or set up', async () => {
    const script = new Script()
    const setUp = createDeferred()
    const pool = script.pool(['a', 'b'], ['A', 'B'], {
      setUpMachine: (_, signal) => {
        setUp.resolve()
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      },
    })
    const running = pool.run()
    script.arrive('A')
    await setUp.promise
    await pool.stop()

    expect(await running).toMatchObject({ outcome: 'canceled', notRun: 2, attempts: 0, reason: null })
    expect(script.log).toEqual(['A gone'])
  })

  test('the signal of the options stops the run', async () => {
    const script = new Script()
    const stop = new AbortController()
    const running = script.pool(['a'], ['A'], { signal: stop.signal }).run()
    script.arrive('A')
    await script.until('a on A')
    stop.abort()

    expect(await running).toMatchObject({ outcome: 'canceled', notRun: 1 })
  })

  test('a stop before the run runs nothing', async () => {
    const pool = newPool({ tests: [new Script().test('a')], machines: machinesOf(1) })
    await pool.stop()

    expect(await pool.run()).toMatchObject({ outcome: 'canceled', notRun: 1, attempts: 0 })
  })

  test('a stop with force does not wait for machines', async () => {
    const script = new Script()
    const released = createDeferred()
    const end = async (): Promise<void> => {
      released.resolve()
      await new Promise(() => {})
    }
    const pool = newPool({ tests: [script.test('a')], machines: machinesOf(1, async () => ({ name: 'A', end })) })
    const running = pool.run()
    await script.until('a on A')
    void pool.stop()
    await released.promise
    await pool.stop({ force: true })

    expect(await running).toMatchObject({ outcome: 'canceled' })
  })

  test('SIGINT ends the commands of a pool, and keeps the results so far', async () => {
    const results = join(state.stateDirectory, 'results-of-one')
    const program = startProgram(programArgv('runs-a-pool.ts', results))
    const lines = [await program.line(), await program.line()]
    await interrupt(program)
    const summary = JSON.parse(await program.line())
    await once(program.child, 'close')

    expect(lines.toSorted()).toEqual(['first runs', 'second runs'])
    expect(summary).toMatchObject({ outcome: 'canceled', passed: 1, notRun: 2, attempts: 3, leftBehind: [] })
    expect(rowsOf(results, 'results.jsonl')).toMatchObject([['here', 'pass', 'passes', null, expect.anything(), null]])
    expect(rowsOf(results, 'attempts.jsonl')).toMatchObject([
      { id: 'passes#1', state: 'passed' },
      { state: 'canceled' },
      { state: 'canceled' },
    ])
    await expectNothingLeft(state.stateDirectory)
  })

  test('a second SIGINT does not wait for commands that ignore SIGTERM', async () => {
    const results = join(state.stateDirectory, 'results-of-two')
    const program = startProgram(programArgv('runs-a-pool.ts', results, 'echo still here'))
    await program.line()
    await program.line()
    await interrupt(program)
    await interrupt(program)
    const summary = JSON.parse(await program.line())
    await once(program.child, 'close')

    expect(summary).toMatchObject({ outcome: 'canceled', passed: 1, notRun: 2, attempts: 3 })
    expect(rowsOf(results, 'attempts.jsonl')).toMatchObject([
      { id: 'passes#1', state: 'passed' },
      { state: 'canceled', rerun: null, note: expect.stringContaining('canceled') },
      { state: 'canceled', rerun: null, note: expect.stringContaining('canceled') },
    ])
    await expectNothingLeft(state.stateDirectory)
  })
})

/** Waits for the signal to arrive: two that wait at the same time are one. */
async function interrupt(program: StartedProgram): Promise<void> {
  program.child.kill('SIGINT')
  await program.line()
}

function rowsOf(directory: string, name: string): unknown[] {
  const lines = readFileSync(join(directory, name), 'utf8').trim().split('\n')
  return lines.map((line) => JSON.parse(line) as unknown)
}
