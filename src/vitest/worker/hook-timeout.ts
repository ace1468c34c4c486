import { defaultTimeoutMs } from '../../service/set-up-options.ts'

/**
 * Time from our limit for a hook to Vitest's own limit, in milliseconds. Ours comes first because our error tells more.
 */
export const hookMarginMs = 10_000

/** Limit for our hooks that may bring a service up. */
export const hookTimeoutMs = defaultTimeoutMs + hookMarginMs
