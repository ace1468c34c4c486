/** Whether a fixture can run on this machine. */
export interface Diagnosis {
  /** Facts for people, a line each: the programs that the fixture would use, and why. */
  readonly facts: readonly string[]
  /** The missing program, and the command to install the program. Absent when the fixture can run. */
  readonly problem?: string
}
