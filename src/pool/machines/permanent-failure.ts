import { hasCode, TransportError } from '../../kernel/errors.ts'

const permanentCodes = ['ERR_CONFIG', 'ERR_USAGE', 'ERR_MISSING_BINARY', 'ERR_PERMISSION', 'ERR_STATE_DIRECTORY']

/** Whether a machine could not be made, and a further attempt is useless. */
export function isPermanent(thrown: unknown): boolean {
  return hasCode(thrown, ...permanentCodes) || (thrown instanceof TransportError && thrown.isPermanent)
}
