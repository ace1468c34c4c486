import { MissingBinaryError } from '../kernel/errors.ts'
import type { Lack } from '../kernel/lack.ts'
import type { ServiceDefinition } from '../service/definition.ts'
import { installTogether } from '../service/server/install-advice.ts'
import { withLabel } from '../service/service-failure.ts'
import type { ServiceOptions } from '../service/service-options.ts'

/** A service that is about to be started. */
interface Wanted {
  readonly definition: ServiceDefinition
  readonly init: ServiceOptions
}

/** A requirement of a service that this machine does not meet. */
interface Problem {
  readonly label: string
  readonly error: Error
}

/**
 * Looks for the requirements of all services, before the first of them is started.
 *
 * @throws ERR_MISSING_BINARY naming each missing program and library, and the commands that install all of them
 */
export async function requireAll(services: readonly Wanted[]): Promise<void> {
  const problems = (await Promise.all(services.map(problemsOf))).flat()
  const [first] = problems
  if (first === undefined) return
  if (problems.length === 1) throw withLabel(first.error, `${first.label} cannot be started`, first.label)
  const lacks = problems.flatMap(({ error }) => lackOf(error) ?? [])
  const advice = lacks.length > 0 ? `\nto install: ${installTogether(lacks.map(({ packages }) => packages))}` : ''
  const head = `nothing was started, since ${problems.length} things are missing:`
  throw new MissingBinaryError(`${head}\n${problems.map(describeProblem).join('\n')}${advice}`, { cause: first.error })
}

async function problemsOf({ definition, init }: Wanted): Promise<Problem[]> {
  const errors = (await definition.findMissing?.(init)) ?? []
  return errors.map((error) => ({ label: init.label, error }))
}

function describeProblem({ label, error }: Problem): string {
  return `  ${label}: ${lackOf(error)?.what ?? error.message.replaceAll('\n', '\n    ')}`
}

function lackOf(error: Error): Lack | undefined {
  return error instanceof MissingBinaryError ? error.lack : undefined
}
