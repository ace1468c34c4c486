import { asError } from '../../kernel/errors.ts'
import { candidatesOf, originsOf } from './find-server.ts'
import type { Candidate } from './finding.ts'
import { describeInstall, type ServerDescription, type ServerOrigin } from './server-description.ts'

/** Whether a fixture can run on this machine. */
export interface Diagnosis {
  /** Facts for people, a line each: the programs that the fixture would use, and why. */
  readonly facts: readonly string[]
  /** The missing program, and the command to install the program. Absent when the fixture can run. */
  readonly problem?: string
}

/** Returns the servers that are found at each origin, with their versions; the first one is used by default. */
export async function diagnoseServer(description: ServerDescription): Promise<Diagnosis> {
  const findings = originsOf(description).map((origin) => ({
    origin,
    candidates: candidatesOf(origin, { description, options: {} }),
  }))
  const found = findings.flatMap(({ origin, candidates }) =>
    'missing' in candidates ? [] : candidates.map((candidate) => ({ origin, candidate })),
  )
  const facts = await Promise.all(found.map(({ origin, candidate }) => describeCandidate(origin, candidate)))
  if (facts.length > 0)
    return { facts: facts.map((fact, index) => (index === 0 && facts.length > 1 ? `${fact}, the default` : fact)) }
  const missing = findings.flatMap(({ candidates }) => ('missing' in candidates ? candidates.missing : []))
  return { facts: [], problem: `${missing.join(', and ')}: ${describeInstall(description)}` }
}

async function describeCandidate(origin: ServerOrigin, { path, askVersion }: Candidate): Promise<string> {
  const version = await askVersion().catch(asError)
  if (version instanceof Error) return `${origin}: ${path}: ${version.message}`
  return `${origin}: ${version === undefined ? '' : `${version} in `}${path}`
}
