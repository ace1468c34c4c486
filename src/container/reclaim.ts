import { monotonicMs } from '../kernel/clock.ts'
import { sleep } from '../kernel/deadline.ts'
import { type ContainerIdentity, removeContainer } from './container.ts'
import { Engine } from './engine.ts'

/** Time in which a container appears if the holder was killed while the engine made the container. */
const appearanceMs = 1_000
const pauseMs = 100

/**
 * Removes a container for a killed holder. Fails while the engine does not answer: the container then stays on record,
 * for the next sweep.
 */
export async function reclaim(identity: ContainerIdentity, limitMs: number): Promise<void> {
  const engine = new Engine(identity.engine)
  const endsAt = monotonicMs() + Math.min(appearanceMs, limitMs / 2)
  for (;;) {
    if (await removeContainer(engine, identity, limitMs)) return
    if (monotonicMs() > endsAt) return
    await sleep(pauseMs)
  }
}
