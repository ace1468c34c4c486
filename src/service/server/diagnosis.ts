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
  const findings = await Promise.all(
    originsOf(description).map(async (origin) => ({
      origin,
      candidates: await candidatesOf(origin, { description, options: {} }),
    })),
  )
  const found = findings.flatMap(({ origin, candidates }) =>
    'missing' in candidates ? [] : candidates.map((candidate) => ({ origin, candidate })),
  )
  const described = await Promise.all(found.map(({ origin, candidate }) => describeCandidate(origin, candidate)))
  const facts = described.map(({ fact }) => fact)
  const [first, ...others] = facts
  if (first !== undefined && described.every(({ canRun }) => !canRun))
    return { facts: [], problem: `${facts.join(', and ')}: ${describeInstall(description)}` }
  if (first !== undefined) return { facts: others.length > 0 ? [`${first}, the default`, ...others] : facts }
  // An engine that is missing is no news on a machine where nothing is installed.
  const own = findings.filter(({ origin }) => origin !== 'container' || findings.length === 1)
  const missing = own.flatMap(({ candidates }) => ('missing' in candidates ? candidates.missing : []))
  return { facts: [], problem: `${missing.join(', and ')}: ${describeInstall(description)}` }
}

interface Described {
  readonly fact: string
  /** Whether the program tells a version that it should have. */
  readonly canRun: boolean
}

async function describeCandidate(origin: ServerOrigin, { path, image, askVersion }: Candidate): Promise<Described> {
  const version = await askVersion().catch(asError)
  const where = image ?? path
  if (version instanceof Error) return { fact: `${origin}: ${version.message}`, canRun: false }
  return { fact: `${origin}: ${version === undefined ? '' : `${version} in `}${where}`, canRun: true }
}
