import { hasCode } from '../kernel/errors.ts'
import { onAbort } from '../kernel/on-abort.ts'
import type { AttemptState } from '../results/rows.ts'
import { Attempt } from './attempt.ts'
import type { WorkEnd } from './machine-set.ts'
import type { Machine } from './machines/machine.ts'
import type { FinishedAttempt } from './pool-options.ts'
import type { PoolRun } from './pool-run.ts'
import type { GiveBackReason, TakenTest } from './queue/test-queue.ts'
import type { MachineServices } from './services/machine-services.ts'

/** Runs tests on a machine, in sequence. */
export class MachineWork {
  readonly #run: PoolRun
  readonly #machine: Machine
  readonly #services: MachineServices | undefined
  #state: 'free' | 'busy' | undefined

  constructor(run: PoolRun, machine: Machine, services: MachineServices | undefined) {
    this.#run = run
    this.#machine = machine
    this.#services = services
  }

  async work(onProved: () => void): Promise<WorkEnd> {
    for (let isNew = true; ; isNew = false) {
      const taken = await this.#take()
      if (!taken) return isNew && !this.#run.isIdle ? 'declined' : 'done'
      this.#tell('busy')
      const { finished, isSpent } = await this.#runOne(taken)
      if (isNew && finished.error && hasCode(finished.error, 'ERR_TRANSPORT')) return finished.error
      onProved()
      if (isSpent) return 'done'
    }
  }

  /** Returns the next test; `undefined` if no test is left for the machine. */
  async #take(): Promise<TakenTest | undefined> {
    // A machine stays busy if the next test comes at once.
    if (this.#run.isIdle) this.#tell('free')
    const { queue, over, idle } = this.#run
    const enough = new AbortController()
    using _listening = onAbort(over, () => enough.abort(over.reason))
    idle.add(enough)
    try {
      const taking = queue.take(this.#machine, enough.signal)
      this.#run.releaseIdle()
      return await taking
    } catch (thrown) {
      if (!enough.signal.aborted) throw thrown
      return undefined
    } finally {
      idle.delete(enough)
    }
  }

  /** Runs a test once. Returns whether the machine must be replaced, too. */
  async #runOne(taken: TakenTest) {
    const attempt = new Attempt(taken, this.#run.contextOf(this.#machine, this.#services))
    this.#run.running.add(attempt)
    try {
      const finished = await attempt.run()
      await this.#settle(attempt, finished)
      return { finished, isSpent: attempt.isAbandoned || this.#isDestructive(finished) }
    } catch (thrown) {
      // The results or the queue have failed: the queue gets the test back, if still reachable.
      await taken.giveBack('canceled').catch(() => {})
      throw thrown
    } finally {
      this.#run.running.delete(attempt)
    }
  }

  async #settle(attempt: Attempt, finished: FinishedAttempt): Promise<void> {
    const { taken } = attempt
    const reason = this.#giveBackReason(taken, finished)
    if (reason) {
      // On record before another machine runs the test again.
      await attempt.end({ state: finished.state, rerun: this.#describeRerun(reason, taken), counts: false })
      this.#run.running.delete(attempt)
      await taken.giveBack(reason)
      return this.#run.attemptEnded(finished, false)
    }
    const counts = finished.state !== 'lost' && (await taken.finish(finished.state))
    const state: AttemptState = counts ? finished.state : 'lost'
    await attempt.end({ state, rerun: null, counts })
    this.#run.attemptEnded({ ...finished, state }, counts)
  }

  #giveBackReason({ givenBack }: TakenTest, finished: FinishedAttempt): GiveBackReason | undefined {
    const { reruns, infraReruns, shouldRerun } = this.#run.options
    const { state } = finished
    if (state === 'canceled') return 'canceled'
    // A mistake in the config is the same at the next try.
    const mayTry = state === 'infra' && givenBack.infra < infraReruns && !hasCode(finished.error, 'ERR_CONFIG')
    if (mayTry) return 'infra'
    const mayRerun = state === 'failed' && givenBack.failed < reruns
    return mayRerun && (shouldRerun?.(finished) ?? true) ? 'failed' : undefined
  }

  #describeRerun(reason: GiveBackReason, { givenBack }: TakenTest): string | null {
    const { reruns, infraReruns } = this.#run.options
    if (reason === 'failed') return `failed: rerun ${givenBack.failed + 1} of ${reruns}`
    return reason === 'infra' ? `could not be run: try ${givenBack.infra + 1} of ${infraReruns}` : null
  }

  #isDestructive(finished: FinishedAttempt): boolean {
    const { isDestructive } = this.#run.options
    if (isDestructive && finished.state !== 'infra') return isDestructive(finished)
    return finished.state !== 'passed' || (finished.test.tags ?? []).includes('destructive')
  }

  #tell(state: 'free' | 'busy'): void {
    if (this.#state === state) return
    this.#state = state
    this.#run.emit({ type: 'machine', machine: this.#machine.name, state })
  }
}
