import { ConfigError } from './errors.ts'

export const timeoutForm = 'a number of milliseconds above 0, or Infinity for no limit'
export const graceForm = 'a number of milliseconds, 0 or more, or Infinity for no limit'

/** Whether it limits an operation: 0 would end each at once. */
export function isTimeout(ms: unknown): ms is number {
  return typeof ms === 'number' && ms > 0
}

/** Whether it limits a grace: 0 is none at all. */
export function isGrace(ms: unknown): ms is number {
  return typeof ms === 'number' && ms >= 0
}

/** @throws ERR_CONFIG naming the option for what is no time limit, such as NaN, 0 or a text */
export function checkTimeout(option: string, ms: unknown): void {
  if (!isTimeout(ms)) throw new ConfigError(`${option}: expected ${timeoutForm}, but got ${String(ms)}`)
}

/** @throws ERR_CONFIG naming the option for what is no grace, such as NaN, -1 or a text */
export function checkGrace(option: string, ms: unknown): void {
  if (!isGrace(ms)) throw new ConfigError(`${option}: expected ${graceForm}, but got ${String(ms)}`)
}
