import { describe, expect, test } from 'vitest'
import { createDeferred } from '../../src/kernel/deferred.ts'
import { ControlError } from '../../src/kernel/errors.ts'
import { onAbort } from '../../src/kernel/on-abort.ts'
import type {
  AttemptRow,
  AttemptSink,
  MachineServices,
  PoolOptions,
  PoolTest,
  ReportedResult,
  ResultSink,
} from '../../src/pool.ts'
import { caught } from '../support/caught.ts'
import { machinesOf, newPool, testOf } from '../support/controlled-tests.ts'
import { useCleanState } from '../support/left-nothing.ts'

useCleanState()

/** Results in memory: a line for each call, and the rows of the attempts. */
class Kept implements ResultSink {
  readonly lines: string[] = []
  readonly reported: ReportedResult[] = []
  readonly attempts: AttemptRow[] = []

  async begin({ id, platform, test }: Parameters<ResultSink['begin']>[0]): Promise<AttemptSink> {
    this.lines.push(`begin ${id}`)
    return {
      output: async (chunk) => void this.lines.push(`output ${id} ${Buffer.from(chunk)}`),
      store: async ({ name }) => void this.lines.push(`store ${id} ${name}`),
      report: async (result) => {
        this.lines.push(`report ${id} ${result.status}`)
        this.reported.push(result)
        return [platform, result.status, test, result.name ?? null, [], result.note ?? null]
      },
      end: async (row, counts) => {
        this.lines.push(`end ${id} ${row.state}${counts ? ' counts' : ''}`)
        this.attempts.push(row)
      },
    }
  }

  async finish(): Promise<void> {
    this.lines.push('finish')
  }
}

async function run(tests: readonly PoolTest[], options: Partial<PoolOptions> = {}) {
  const results = new Kept()
  const summary = await newPool({ tests, machines: machinesOf(1), results, ...options }).run()
  return { results, summary }
}

const services: MachineServices = {
  variables: { LP_DB_URL: 'db://here' },
  reset: async () => {},
  logs: async () => ({ DB: 'out of memory\n', IDLE: '' }),
  close: async () => {},
  [Symbol.asyncDispose]: async () => {},
}

describe('one attempt', () => {
  test('a test that reports nothing gets a result from its exit code', async () => {
    const { results } = await run([testOf('passes'), testOf('fails', () => false)])

    expect(results.lines).toEqual([
      'begin passes#1',
      'report passes#1 pass',
      'end passes#1 passed counts',
      'begin fails#1',
      'report fails#1 fail',
      'end fails#1 failed counts',
      'finish',
    ])
    expect(results.reported[0]).toMatchObject({ testout: 'output.txt' })
  })

  test('a test that reports its own result gets no second one', async () => {
    const { results } = await run([
      testOf('speaks', async (attempt) => {
        await attempt.output(Buffer.from('hello'))
        await attempt.store({ name: 'log.txt', content: 'log' })
        await attempt.report({ status: 'pass', name: 'part' })
        await attempt.report({ status: 'warn' })
      }),
    ])

    expect(results.lines.filter((line) => line.includes('speaks'))).toEqual([
      'begin speaks#1',
      'output speaks#1 hello',
      'store speaks#1 log.txt',
      'report speaks#1 pass',
      'report speaks#1 warn',
      'end speaks#1 passed counts',
    ])
  })

  test('a rerun that passes counts, and both attempts are kept', async () => {
    const { results, summary } = await run([testOf('flaky', ({ number }) => number === 2)], { reruns: 1 })

    expect(results.attempts).toMatchObject([
      { id: 'flaky#1', state: 'failed', rerun: 'failed: rerun 1 of 1', exitCode: 1, machine: 'machine-1' },
      { id: 'flaky#2', state: 'passed', rerun: null, exitCode: 0, machine: 'machine-2' },
    ])
    expect(results.lines).toContain('end flaky#1 failed')
    expect(results.lines).toContain('end flaky#2 passed counts')
    expect(summary).toMatchObject({ outcome: 'passed', passed: 1, attempts: 2 })
  })

  test('shouldRerun may refuse a rerun', async () => {
    const { summary } = await run([testOf('a', () => false), testOf('b', () => false)], {
      reruns: 2,
      shouldRerun: ({ test: { name } }) => name === 'a',
    })

    expect(summary).toMatchObject({ outcome: 'failed', failed: 2, attempts: 4 })
  })

  test('a test that could not be run is tried again, and its reruns are untouched', async () => {
    const broken = testOf('broken', ({ number }) => {
      if (number <= 2) throw new ControlError('a line of 5,000 bytes')
      return number === 4
    })
    const { results, summary } = await run([broken], { reruns: 1 })

    expect(results.attempts.map(({ state, rerun }) => `${state}, ${rerun}`)).toEqual([
      'infra, could not be run: try 1 of 2',
      'infra, could not be run: try 2 of 2',
      'failed, failed: rerun 1 of 1',
      'passed, null',
    ])
    expect(summary).toMatchObject({ outcome: 'passed', passed: 1, attempts: 4 })
  })

  test('a test that can never be run is infra, with the error', async () => {
    const never = testOf('never', () => {
      throw new ControlError('a line of 5,000 bytes')
    })
    const { results, summary } = await run([never])

    expect(summary).toMatchObject({ outcome: 'infra', infra: 1, attempts: 3 })
    expect(results.reported.at(-1)).toMatchObject({ status: 'infra', note: 'a line of 5,000 bytes' })
    expect(results.attempts.at(-1)).toMatchObject({ state: 'infra', rerun: null, note: 'a line of 5,000 bytes' })
  })

  test('a test that cannot be run any further is infra, whatever it reported before', async () => {
    const broken = testOf('a', async (attempt) => {
      await attempt.report({ status: 'skip' })
      throw new ControlError('a line of 5,000 bytes')
    })
    const { results } = await run([broken], { infraReruns: 0 })

    expect(results.reported.map(({ status }) => status)).toEqual(['skip', 'infra'])
  })

  test('services that cannot be reset make the attempt infra', async () => {
    let resets = 0
    const reset = async () => {
      if (resets++ === 0) throw new Error('DB does not answer')
    }
    const { results, summary } = await run([testOf('a')], { services: async () => ({ ...services, reset }) })

    expect(results.attempts.map(({ state, note }) => `${state}: ${note}`)).toEqual([
      'infra: DB does not answer',
      'passed: null',
    ])
    expect(summary.outcome).toBe('passed')
  })

  test('a test that fails has the logs of its services', async () => {
    const { results } = await run([testOf('a', () => false)], { services: async () => services })

    expect(results.reported).toMatchObject([
      { status: 'fail', files: [{ name: 'service-DB.log', content: 'out of memory\n' }] },
    ])
  })

  test('a test over its limit is interrupted, and fails', async () => {
    const endless = testOf(
      'endless',
      ({ signal }) => new Promise((_, reject) => onAbort(signal, () => reject(signal.reason))),
      {
        limitMs: 20,
      },
    )
    const { results, summary } = await run([endless])

    expect(results.reported).toMatchObject([{ status: 'error', note: 'the test took longer than its limit of 0.02 s' }])
    expect(summary).toMatchObject({ outcome: 'failed', failed: 1 })
  })

  test('a late report of a test that has ended is refused', async () => {
    const late = createDeferred<Promise<void>>()
    const { results } = await run([
      testOf('b', (attempt) => {
        setImmediate(() => setImmediate(() => late.resolve(attempt.report({ status: 'fail' }))))
      }),
    ])

    expect(await caught(late.promise.then((report) => report))).toMatchObject({ code: 'ERR_STATE' })
    expect(results.lines).not.toContain('report b#1 fail')
  })

  test('the run ends with the error of its results', async () => {
    const results = new Kept()
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    results.begin = () => Promise.reject(full)
    const gone: string[] = []
    const make = async () => ({ name: 'm', end: async () => void gone.push('m') })
    const pool = newPool({ tests: [testOf('a'), testOf('b')], machines: machinesOf(1, make), results })

    expect(await caught(pool.run())).toBe(full)
    expect(gone).toEqual(['m'])
  })

  test('environment and the variables of services reach every test', async () => {
    const seen: object[] = []
    await run([testOf('a', ({ environment }) => seen.push(environment))], {
      environment: { MODE: 'ci' },
      services: async () => services,
    })

    expect(seen).toEqual([{ MODE: 'ci', LP_DB_URL: 'db://here' }])
  })
})
