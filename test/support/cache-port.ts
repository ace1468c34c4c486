import { connect } from 'node:net'
import type { MachineServices } from '../../src/pool.ts'
import { eventually } from './eventually.ts'

/** How long guardians may take to end services on a busy machine, in milliseconds: two may start one after the other. */
export const patienceMs = 30_000

/** Waits until no process listens at the port of the service `cache`. */
export async function cachePortIsClosed({ variables }: Pick<MachineServices, 'variables'>): Promise<void> {
  await eventually(
    'the port is closed',
    () => {
      const socket = connect(Number(variables.LP_CACHE_PORT), '127.0.0.1')
      return new Promise<boolean>((resolve) => {
        socket.on('connect', () => resolve(false)).on('error', () => resolve(true))
      }).finally(() => socket.destroy())
    },
    patienceMs,
  )
}
