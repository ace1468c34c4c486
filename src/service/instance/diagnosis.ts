import { findExecutable } from '../../process/executable.ts'

/** Whether a fixture can run on this machine. */
export interface Diagnosis {
  /** Facts for people, a line each: the programs that the fixture would use, and why. */
  readonly facts: readonly string[]
  /** The missing program, and the command to install the program. Absent when the fixture can run. */
  readonly problem?: string
}

/**
 * Returns whether a program is on `PATH`.
 *
 * @param install how to install the program: `apt-get install memcached, or brew install memcached`
 */
export function diagnoseProgram(program: string, install: string): Diagnosis {
  const found = findExecutable(program)
  return found ? { facts: [found] } : { facts: [], problem: `${program} is not on PATH: ${install}` }
}
