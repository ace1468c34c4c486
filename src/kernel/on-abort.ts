/**
 * Calls the action when the signal fires, or at once if the signal has fired already. Does nothing without a signal.
 * Disposing the result ends the listening.
 */
export function onAbort(signal: AbortSignal | undefined, action: () => void): Disposable {
  const listener = (): void => action()
  if (signal?.aborted) action()
  else signal?.addEventListener('abort', listener, { once: true })
  return { [Symbol.dispose]: () => signal?.removeEventListener('abort', listener) }
}
