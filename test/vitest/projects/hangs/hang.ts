import { forever } from '../support.ts'

export const teardown = forever
