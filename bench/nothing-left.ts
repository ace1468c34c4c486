import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { StateError } from '../src/index.ts'
import { Deadline } from '../src/kernel/deadline.ts'
import { ownIdentity } from '../src/process/identity.ts'
import { terminate } from '../src/process/termination.ts'

const guaranteedMs = 5_000
const pollMs = 10

/** Waits until no run is on record: a guardian whose holder was killed a moment ago gets the time that is promised. */
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

/** Ends what others leave when they are killed, such as the server of a peer: all that has our state in its environment. */
export async function endStrays(state: string, directories: readonly string[]): Promise<void> {
  const marks = { variable: `LP_STATE_DIR=${state}`, directories, since: ownIdentity() }
  await terminate({ leaders: [], marks })
}

function namesIn(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : []
}
