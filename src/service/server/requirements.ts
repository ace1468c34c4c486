import { missingPeer } from '../../host/modules/optional-peer.ts'
import { asError } from '../../kernel/errors.ts'
import { type Diagnosis, diagnoseServer } from './diagnosis.ts'
import { findServer } from './find-server.ts'
import type { ServerDescription } from './server-description.ts'
import type { ServerOptions } from './server-options.ts'

/** An npm package imported by a bundled fixture, if the user has installed the package. */
export interface ClientLibrary {
  readonly name: string
  /** The function that does not work without the package. */
  readonly neededFor: 'start' | 'reset'
}

/** Requirements of an instance on this machine. */
export interface Requirements {
  readonly server?: ServerDescription | undefined
  readonly client?: ClientLibrary | undefined
}

/** Looks for the requirements of a start; returns the missing as errors. Runs no program if any version will do. */
export async function findMissing(
  { server, client }: Requirements,
  options: ServerOptions,
  directory: string | undefined,
): Promise<Error[]> {
  const search = server && findServer({ description: server, options, directory })
  const problem = await search?.then(() => undefined, asError)
  const library = client?.neededFor === 'start' ? missingPeer(client.name) : undefined
  return [problem, library].filter((error) => error !== undefined)
}

/** Returns the advice about a missing client library, needed only by resets and further clients. */
export function resetAdvice({ client }: Requirements): string | undefined {
  if (client?.neededFor !== 'reset') return undefined
  const missing = missingPeer(client.name)
  return missing && withoutReset(missing)
}

/** Diagnoses for `doctor` whether this machine has a server, and the client library of the fixture, if any. */
export async function diagnoseRequirements(
  { server, client }: Requirements,
  options: ServerOptions | undefined,
  directory: string,
): Promise<Diagnosis> {
  const diagnosis = server ? await diagnoseServer(server, options, directory) : { facts: [] }
  const { facts, problem, packages = [] }: Diagnosis = diagnosis
  const missing = client && missingPeer(client.name)
  if (!missing) return diagnosis
  if (client.neededFor === 'reset') return { ...diagnosis, facts: [...facts, withoutReset(missing)] }
  const problems = [problem, missing.message].filter((one) => one !== undefined)
  return { facts, problem: problems.join(', and '), packages: [...packages, client.name] }
}

function withoutReset({ message }: Error): string {
  return `cannot be reset: ${message}`
}
