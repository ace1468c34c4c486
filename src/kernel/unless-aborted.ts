import { onAbort } from './on-abort.ts'

/** Waits for work that goes on without its caller. Throws the reason of the signal as soon as the signal fires. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => {}) // seen by the callers still waiting
  let listening: Disposable | undefined
  const aborted = new Promise<never>((_, reject) => {
    listening = onAbort(signal, () => reject(signal.reason))
  })
  return Promise.race([work, aborted]).finally(() => listening?.[Symbol.dispose]())
}
