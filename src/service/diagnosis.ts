/** Whether a fixture can run on this machine. */
export interface Diagnosis {
  /** What it would use and why, a line each. */
  readonly facts: readonly string[]
  /** What is missing, and what installs it. Absent when the fixture can run. */
  readonly problem?: string
}
