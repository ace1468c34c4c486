import { StateError } from '../kernel/errors.ts'

/** State of a session. */
export type SessionState =
  /** Can enter and exit environments and run actions. */
  | 'ready'
  /** An action is running. */
  | 'running'
  /** The action is being canceled. */
  | 'canceling'
  /** An action did not succeed: environments can only be exited now. */
  | 'ready-ending'
  /** All environments and services are gone, and the directory is removed. */
  | 'ended'

/** Event in the life of a session. `begin` and `exit` start actions; an ending session allows `exit` alone. */
export type SessionStep = 'begin' | 'exit' | 'cancel' | 'continue' | 'wind down' | 'end'

const table: Readonly<Record<SessionState, Partial<Record<SessionStep, SessionState>>>> = {
  ready: { begin: 'running', exit: 'running', end: 'ended' },
  running: { cancel: 'canceling', continue: 'ready', 'wind down': 'ready-ending' },
  canceling: { cancel: 'canceling', continue: 'ready', 'wind down': 'ready-ending' },
  'ready-ending': { exit: 'running', end: 'ended' },
  ended: {},
}

const advice: Readonly<Record<SessionState, string>> = {
  ready: 'nothing runs',
  running: 'wait for its action, or cancel it',
  canceling: 'wait for its action',
  'ready-ending': 'an action did not succeed: environments can only be exited now',
  ended: 'create another one',
}

/** Returns the state after a step. @throws ERR_STATE with advice on what can be done instead */
export function nextSessionState(state: SessionState, step: SessionStep): SessionState {
  const next = table[state][step]
  if (next) return next
  const what = step === 'begin' ? 'run an action' : step === 'exit' ? 'exit an environment' : step
  throw new StateError(`a session that is ${state} cannot ${what}: ${advice[state]}`)
}
