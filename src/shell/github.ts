import { lineByLine } from './dialect.ts'

function delimiterFor(value: string): string {
  const delimiter = `test-services-${globalThis.crypto.randomUUID()}`
  return value.includes(delimiter) ? delimiterFor(value) : delimiter
}

/**
 * For `>> "$GITHUB_ENV"`: the variables exist in the *next* steps of the job. The runner cannot unset a variable, so
 * the variable becomes empty. The runner does not accept `GITHUB_*`, `RUNNER_*` and `NODE_OPTIONS`.
 *
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#multiline-strings
 * @see https://github.com/actions/runner `src/Runner.Worker/FileCommandManager.cs`: on Windows CRLF ends a line, too
 */
export const github = lineByLine({
  assign: (name, value) => {
    const delimiter = delimiterFor(value)
    return `${name}<<${delimiter}\n${value}\n${delimiter}`
  },
  unset: (name) => `${name}=`,
  failure: '',
})
