import { expect } from 'vitest'
import { createDeferred, type Deferred } from '../../src/kernel/deferred.ts'
import { onAbort } from '../../src/kernel/on-abort.ts'
import {
  type AttemptEnd,
  createProvisioner,
  type Machine,
  Pool,
  type PoolOptions,
  type PoolTest,
  type Provisioner,
  type RunningAttempt,
} from '../../src/pool.ts'

/** How a controlled test ends. */
export type ScriptedEnd = 'passes' | 'fails' | Error

/**
 * Tests and machines that do what a script says, and a log of what the pool does with them: `1 on A`, `A gone`. No wait
 * depends on the clock.
 */
export class Script {
  readonly log: string[] = []
  readonly #running = new Map<string, Deferred<ScriptedEnd>>()
  readonly #arrivals = new Map<string, Deferred<void>>()
  /** Lines that `next` has returned. */
  readonly #read = new Set<number>()
  #changed = createDeferred()

  /** A test that runs until `end` is called. */
  test(name: string, options: Partial<PoolTest> = {}): PoolTest {
    return {
      name,
      kind: 'scripted',
      data: null,
      run: async ({ machine, signal }) => {
        const end = createDeferred<ScriptedEnd>()
        this.#running.set(name, end)
        this.note(`${name} on ${machine.name}`)
        using _listening = onAbort(signal, () => end.resolve(new Error('interrupted')))
        const how = await end.promise
        if (how instanceof Error) throw how
        return { exitCode: how === 'passes' ? 0 : 1, passed: how === 'passes' }
      },
      ...options,
    }
  }

  /** Machines with the given names, in this order; each arrives when `arrive` is called. Then they begin anew. */
  machines(names: readonly string[], slots: number = names.length): Provisioner {
    return machinesOf(slots, async (number, signal) => {
      const name = names[number - 1] ?? `machine-${number}`
      const arrival = this.#arrivalOf(name)
      using _listening = onAbort(signal, () => arrival.reject(signal.reason))
      await arrival.promise
      return { name, end: async () => this.note(`${name} gone`) }
    })
  }

  /** A pool of tests and machines with the given names. */
  pool(
    tests: readonly string[],
    machines: readonly string[],
    { slots, ...options }: Partial<PoolOptions> & { readonly slots?: number } = {},
  ): Pool {
    const ofScript = { tests: tests.map((name) => this.test(name)), machines: this.machines(machines, slots) }
    return newPool({ ...ofScript, ...options })
  }

  arrive(...names: readonly string[]): void {
    for (const name of names) this.#arrivalOf(name).resolve()
  }

  end(name: string, how: ScriptedEnd = 'passes'): void {
    const running = this.#running.get(name)
    if (!running) throw new Error(`${name} does not run; the log is: ${this.log.join(', ')}`)
    this.#running.delete(name)
    running.resolve(how)
  }

  /** Waits for the begin of a test, as `a on A`, and ends the test. */
  async finish(line: string, how?: ScriptedEnd): Promise<void> {
    await this.until(line)
    this.end(line.slice(0, line.indexOf(' on ')), how)
  }

  note(line: string): void {
    this.log.push(line)
    this.#changed.resolve()
    this.#changed = createDeferred()
  }

  /** Waits until the log has as many lines of this text. */
  async until(line: string, times = 1): Promise<void> {
    while (this.log.filter((one) => one === line).length < times) await this.#changed.promise
  }

  /** Waits for a line that no earlier call has returned. */
  async next(isWanted: (line: string) => boolean): Promise<string> {
    for (;;) {
      const index = this.log.findIndex((line, at) => !this.#read.has(at) && isWanted(line))
      const line = this.log[index]
      this.#read.add(index)
      if (line !== undefined) return line
      await this.#changed.promise
    }
  }

  #arrivalOf(name: string): Deferred<void> {
    const arrival = this.#arrivals.get(name) ?? createDeferred()
    this.#arrivals.set(name, arrival)
    return arrival
  }
}

/** A pool that knows the durations of the tests of this test alone. */
export function newPool(options: PoolOptions): Pool {
  return new Pool({ project: expect.getState().currentTestName ?? '', ...options })
}

/** Machines for tests that use no transport. */
export function machinesOf(
  slots: number,
  make: (
    number: number,
    signal: AbortSignal,
  ) => Promise<{ readonly name: string; end?: () => Promise<void>; platform?: string }> = async (number) => ({
    name: `machine-${number}`,
  }),
): Provisioner {
  return createProvisioner(
    {
      name: 'scripted',
      slots,
      make: async (number, signal) => {
        const { name, platform = 'here', end = async () => {} } = await make(number, signal)
        return { name, platform, transport: undefined as unknown as Machine['transport'], directory: '/', end }
      },
    },
    { attempts: 1 },
  )
}

/** A test that runs the function; it passes unless the function throws or returns `false`. */
export function testOf(
  name: string,
  run: (attempt: RunningAttempt) => unknown = () => true,
  options: Partial<PoolTest> = {},
): PoolTest {
  const runOnce = async (attempt: RunningAttempt): Promise<AttemptEnd> => {
    const passed = (await run(attempt)) !== false
    return { exitCode: passed ? 0 : 1, passed }
  }
  return { name, kind: 'function', data: null, run: runOnce, ...options }
}
