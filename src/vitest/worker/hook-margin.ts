/**
 * Time from our limit for a hook to Vitest's own limit, in milliseconds. Ours comes first because our error tells more.
 */
export const hookMarginMs = 10_000
