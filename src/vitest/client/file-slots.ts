import type { ProvidedStack } from '../slot/run-context.ts'
import { type Connection, openConnection, RemoteSlot } from './remote-slot.ts'
import { runContext } from './run-settings.ts'

interface Entered {
  readonly connection: Promise<Connection>
  /** Slots by stack id. */
  readonly slots: Map<string, RemoteSlot>
}

/** Connection and slots of the present test file. */
let entered: Entered | undefined

/** Returns the slot of this worker in a stack of the main process. */
export function fileSlot(stack: ProvidedStack): RemoteSlot {
  entered ??= { connection: openConnection(runContext()?.socket ?? ''), slots: new Map() }
  const { connection, slots } = entered
  const slot = slots.get(stack.id) ?? RemoteSlot.ofWorker(connection, stack)
  slots.set(stack.id, slot)
  return slot
}

/** Gives the slots back, for the worker's next test file, or for the next worker. */
export async function leaveSlots(): Promise<void> {
  const left = entered
  entered = undefined
  if (!left) return
  const leaving = await Promise.allSettled([...left.slots.values()].map((slot) => slot.leave()))
  const connection = await left.connection.catch(() => undefined)
  connection?.close()
  for (const outcome of leaving) if (outcome.status === 'rejected') throw outcome.reason
}
