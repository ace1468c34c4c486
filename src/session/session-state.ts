import { StateError } from '../kernel/errors.ts'

/** What a session can do now. */
export type SessionState =
  /** It can enter and exit environments and run actions. */
  | 'ready'
  /** An action runs. */
  | 'running'
  /** The action that ran is being made to end. */
  | 'canceling'
  /** An action did not succeed: environments can only be exited now. */
  | 'ready-ending'
  /** Everything has been exited and removed. */
  | 'ended'

/** `begin` and `exit` are the two kinds of action; the one that an ending session still runs is the second. */
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

/** @throws ERR_STATE saying what can be done instead */
export function nextSessionState(state: SessionState, step: SessionStep): SessionState {
  const next = table[state][step]
  if (next) return next
  const what = step === 'begin' ? 'run an action' : step === 'exit' ? 'exit an environment' : step
  throw new StateError(`a session that is ${state} cannot ${what}: ${advice[state]}`)
}
