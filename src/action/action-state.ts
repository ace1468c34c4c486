import { StateError } from '../kernel/errors.ts'

/** Where an action is in its life; it runs once. */
export type ActionState =
  /** It has not begun. */
  | 'ready'
  /** Its files are being written, or its process runs. */
  | 'running'
  /** Its process has been asked to end, or is being killed. */
  | 'canceling'
  /** Its process ended with status 0. */
  | 'success'
  /** Its process ended otherwise, never began, or said that it failed, or something malformed; or its cancel counts so. */
  | 'failed'
  /** It was canceled, however its process then ended. */
  | 'canceled'
  /** It was canceled because its time ran out. */
  | 'timeout'

/** What happens to an action. */
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

/** @throws ERR_STATE when the step makes no sense there */
export function nextActionState(state: ActionState, step: ActionStep): ActionState {
  const next = table[state][step]
  if (next) return next
  throw new StateError(`an action that is ${state} cannot ${step}; an action runs once: make another one`)
}

/** Whether nothing happens to it any more. */
export function isOver(state: ActionState): boolean {
  return Object.keys(table[state]).length === 0
}
