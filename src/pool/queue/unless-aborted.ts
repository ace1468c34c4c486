import { onAbort } from '../../kernel/on-abort.ts'

/** Waits for work that several callers share; throws the reason of the signal as soon as it fires. */
export async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  work.catch(() => {}) // seen by those that still wait
  let listening: Disposable | undefined
  const aborted = new Promise<never>((_, reject) => {
    listening = onAbort(signal, () => reject(signal.reason))
  })
  await Promise.race([work, aborted]).finally(() => listening?.[Symbol.dispose]())
}
