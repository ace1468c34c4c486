import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { StateError } from '../src/fixture.ts'
import { Deadline } from '../src/kernel/deadline.ts'
import { ownIdentity } from '../src/process/inspect/identity.ts'
import { terminate } from '../src/process/termination.ts'

const guaranteedMs = 5_000
const pollMs = 10

/** Waits until no run is on record. The limit is the promised time of a guardian whose holder has just been killed. */
export async function expectNoRuns(state: string): Promise<void> {
  const left = (): string[] =>
    ['runs', 'reaping', 'claims'].flatMap((kind) => namesIn(join(state, kind)).map((name) => `${kind}/${name}`))
  const deadline = new Deadline('waiting for the guardians', guaranteedMs)
  while (left().length > 0) {
    if (deadline.expired)
      throw new StateError(`${guaranteedMs} ms after the bench there is still: ${left().join(', ')}`)
    await deadline.sleep(pollMs).catch(() => {})
  }
}

/**
 * Ends processes that killed programs have left, such as the server of a peer: all processes with our state directory
 * in the environment.
 */
export async function endStrays(state: string, directories: readonly string[]): Promise<void> {
  const marks = { variable: `LP_STATE_DIR=${state}`, directories, holder: ownIdentity() }
  await terminate({ leaders: [], marks })
}

function namesIn(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : []
}
