/** Facts about a failing service for the reader of the error. */
export interface ServiceEvidence {
  readonly label: string
  readonly command?: readonly string[]
  /** Working directory of the command. */
  readonly directory?: string
  /** How the process ended, in words: `exit status 3`, `signal SIGKILL`. */
  readonly ended?: string
  /**
   * First line of the log with the look of an error, counted from the last reset of the services needed by this
   * service.
   */
  readonly firstError?: string
  /** The last lines of the service's log. */
  readonly logTail?: string
  readonly logFile?: string
}

/** Returns a message with the evidence below, each fact on a line of its own. */
export function withEvidence(message: string, evidence: Partial<ServiceEvidence>): string {
  const lines = [message]
  if (evidence.command) lines.push(`  command: ${evidence.command.join(' ')}`)
  if (evidence.directory) lines.push(`  directory: ${evidence.directory}`)
  if (evidence.firstError) lines.push('  first error in its log:', `    ${evidence.firstError}`)
  if (evidence.logTail) {
    lines.push('  last lines of its log:')
    for (const line of evidence.logTail.split('\n')) lines.push(`    ${line}`)
  }
  if (evidence.logFile) lines.push(`  whole log: ${evidence.logFile}`)
  return lines.join('\n')
}
