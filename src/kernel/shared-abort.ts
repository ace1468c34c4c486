import { setMaxListeners } from 'node:events'

/** Returns a controller with a signal for many operations at a time. Node warns of more than ten otherwise. */
export function createSharedAbort(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}
