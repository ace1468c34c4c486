const hourMs = 3_600_000

/** Default for the longest life of a remote machine, in milliseconds: then the machine ends. */
export const defaultLifeMs = 12 * hourMs
