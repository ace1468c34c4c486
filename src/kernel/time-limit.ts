import { ConfigError } from './errors.ts'

export const timeoutForm = 'a number of milliseconds above 0, or Infinity for no limit'
export const graceForm = 'a number of milliseconds, 0 or more, or Infinity for no limit'

/** Whether the value limits an operation. 0 would end every operation immediately. */
export function isTimeout(ms: unknown): ms is number {
  return typeof ms === 'number' && ms > 0
}

/** Whether the value limits a grace. 0 means no grace. */
export function isGrace(ms: unknown): ms is number {
  return typeof ms === 'number' && ms >= 0
}

/** @throws ERR_CONFIG, naming the option, if `ms` is not a time limit: NaN, 0 or a text, for example */
export function checkTimeout(option: string, ms: unknown): void {
  if (!isTimeout(ms)) throw new ConfigError(`${option}: expected ${timeoutForm}, but got ${String(ms)}`)
}

/** @throws ERR_CONFIG, naming the option, if `ms` is not a grace: NaN, -1 or a text, for example */
export function checkGrace(option: string, ms: unknown): void {
  if (!isGrace(ms)) throw new ConfigError(`${option}: expected ${graceForm}, but got ${String(ms)}`)
}
