import { parentPort, workerData } from 'node:worker_threads'
import { asError } from '../kernel/errors.ts'
import type { Conditions } from './conditions.ts'
import type { Target } from './proxied-connection.ts'
import { ProxyServer } from './proxy-server.ts'

/** What the thread is started with. */
export interface ThreadData {
  readonly listen: Target
  readonly target: Target
}

/** A call of the main thread. */
export type ThreadCall =
  | { readonly kind: 'open' }
  | { readonly kind: 'close' }
  | { readonly kind: 'change'; readonly conditions: Conditions }
  | { readonly kind: 'resetConnections' }

export interface ThreadRequest {
  readonly id: number
  readonly call: ThreadCall
}

export interface ThreadAnswer {
  readonly id: number
  /** Absent after a success. */
  readonly failure?: { readonly message: string; readonly code: string | undefined }
}

/**
 * Program of the thread that holds a proxy. A thread of its own goes on while the main thread is busy, such as a test
 * that waits for a client program in synchronous code.
 */
const { listen, target }: ThreadData = workerData
const server = new ProxyServer(listen, target)

parentPort?.on('message', async ({ id, call }: ThreadRequest) => {
  const failure = await carryOut(call).then(() => undefined, describeFailure)
  const answer: ThreadAnswer = { id, ...(failure && { failure }) }
  parentPort?.postMessage(answer)
})

async function carryOut(call: ThreadCall): Promise<void> {
  if (call.kind === 'open') await server.open()
  else if (call.kind === 'close') server.close()
  else if (call.kind === 'change') server.change(call.conditions)
  else server.resetConnections()
}

function describeFailure(thrown: unknown): ThreadAnswer['failure'] {
  const error: NodeJS.ErrnoException = asError(thrown)
  return { message: error.message, code: error.code }
}
