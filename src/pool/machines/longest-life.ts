const hourMs = 3_600_000

/** Default time after which a remote machine ends by itself, in milliseconds. */
export const defaultLifeMs = 12 * hourMs
