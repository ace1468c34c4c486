import { onAbort } from '../../kernel/on-abort.ts'

/** Waits for the shared work of several callers. Throws the reason of the signal as soon as the signal fires. */
export async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  work.catch(() => {}) // seen by the callers still waiting
  let listening: Disposable | undefined
  const aborted = new Promise<never>((_, reject) => {
    listening = onAbort(signal, () => reject(signal.reason))
  })
  await Promise.race([work, aborted]).finally(() => listening?.[Symbol.dispose]())
}
