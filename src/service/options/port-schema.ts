import * as v from 'valibot'

const largestPort = 65_535

/** Number of a port that a user chooses. */
export const portSchema = v.pipe(v.number(), v.integer('an integer'), v.minValue(1), v.maxValue(largestPort))
