/** Vitest's own limit for a hook comes after ours, whose error tells more. */
export const hookMarginMs = 10_000
