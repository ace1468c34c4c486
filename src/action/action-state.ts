import { StateError } from '../kernel/errors.ts'

/** State of an action. An action runs once. */
export type ActionState =
  /** Not begun. */
  | 'ready'
  /** The embedded files are being written, or the process runs. */
  | 'running'
  /** The process has been asked to end, or is being killed. */
  | 'canceling'
  /** The process ended with status 0. */
  | 'success'
  /**
   * The process ended with a different status or never began, the action reported a failure or sent a malformed
   * message, or a cancel asked for a failure.
   */
  | 'failed'
  /** Canceled; the end of the process does not matter. */
  | 'canceled'
  /** Canceled because the time ran out. */
  | 'timeout'

/** Event in the life of an action. */
export type ActionStep = 'start' | 'succeed' | 'fail' | 'cancel' | 'stop' | 'expire'

const table: Readonly<Record<ActionState, Partial<Record<ActionStep, ActionState>>>> = {
  ready: { start: 'running', stop: 'canceled', fail: 'failed' },
  running: { succeed: 'success', fail: 'failed', cancel: 'canceling' },
  // A second cancel can only shorten the wait.
  canceling: { cancel: 'canceling', stop: 'canceled', fail: 'failed', expire: 'timeout' },
  success: {},
  failed: {},
  canceled: {},
  timeout: {},
}

/** Returns the state after a step. @throws ERR_STATE when the step is not possible in this state */
export function nextActionState(state: ActionState, step: ActionStep): ActionState {
  const next = table[state][step]
  if (next) return next
  throw new StateError(`an action that is ${state} cannot ${step}; an action runs once: make another one`)
}

/** Whether the state is final. */
export function isOver(state: ActionState): boolean {
  return Object.keys(table[state]).length === 0
}
