import { statfsSync } from 'node:fs'
import { freemem, totalmem } from 'node:os'
import { findConfig } from '../../config/find-config.ts'
import { diagnoseFixture, findFixture, fixtureNames, type NamedFixture } from '../../config/fixtures.ts'
import { loadConfig } from '../../config/load-config.ts'
import { cacheDirectory } from '../../host/cache/cache-directory.ts'
import { findMemoryDirectory } from '../../host/memory-directory.ts'
import { canOverlay } from '../../host/overlay.ts'
import { stateDirectory } from '../../host/state-directory.ts'
import { asError, UsageError } from '../../kernel/errors.ts'
import { ownCommand } from '../../kernel/own-command.ts'
import { didYouMean } from '../../kernel/suggestion.ts'
import { valueUnless } from '../../kernel/value-unless.ts'
import { sweep } from '../../run/sweep.ts'
import type { Diagnosis } from '../../service/server/diagnosis.ts'
import { colors } from '../terminal/colors.ts'
import { exitCodes } from '../terminal/exit-codes.ts'
import type { GlobalOptions } from '../terminal/options.ts'

interface DoctorOptions extends GlobalOptions {
  readonly json?: boolean
}

type FixtureReport = Diagnosis & { readonly fixture: string; readonly canRun: boolean }

interface Report {
  /** Facts about the machine, its directories and this project, by name. */
  readonly machine: Readonly<Record<string, string>>
  readonly fixtures: readonly FixtureReport[]
}

/**
 * Reports which fixtures can run on this machine, and what to install for the rest. Exit code 1 if a named one cannot
 * run.
 */
export async function doctor(names: readonly string[], options: DoctorOptions): Promise<number> {
  const directory = process.cwd()
  const known = fixtureNames(directory)
  const wanted = (names.length > 0 ? names : known).map((name) => fixtureNamed(name, known, directory))
  const [machine, fixtures] = await Promise.all([
    describeMachine(directory, options.config),
    Promise.all(wanted.map(examine)),
  ])
  const report = { machine, fixtures }
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : describeReport(report))
  const canRun = fixtures.every((fixture) => fixture.canRun)
  return canRun || names.length === 0 ? exitCodes.done : exitCodes.failed
}

function fixtureNamed(name: string, known: readonly string[], directory: string): NamedFixture {
  const fixture = findFixture(name, directory)
  if (fixture) return fixture
  throw new UsageError(`unknown fixture "${name}"${didYouMean(name, known)}; expected ${known.join(', ')}`)
}

async function examine(fixture: NamedFixture): Promise<FixtureReport> {
  const { name, file } = fixture
  const diagnosis = await diagnoseFixture(fixture).catch((thrown) => ({ facts: [], problem: asError(thrown).message }))
  const { facts, problem } = diagnosis ?? { facts: [`in ${file}; the package does not say what it needs`] }
  return { fixture: name, canRun: problem === undefined, facts, ...(problem !== undefined && { problem }) }
}

async function describeMachine(directory: string, configFile: string | undefined): Promise<Record<string, string>> {
  const [overlay, leftovers, config] = await Promise.all([
    describeOverlay(),
    describeLeftovers(),
    describeConfig(configFile ?? findConfig(directory)),
  ])
  const memory = findMemoryDirectory()
  return {
    node: `${process.version} on ${process.platform} ${process.arch}`,
    state: `${stateDirectory()} (${freeSpace(stateDirectory())})`,
    cache: `${cacheDirectory()} (${freeSpace(cacheDirectory())})`,
    leftovers,
    memory: `${gibibytes(freemem())} of ${gibibytes(totalmem())} free; throw-away data lies ${'path' in memory ? `in ${memory.path}` : `on disk: ${memory.reason}`}`,
    overlay,
    config,
  }
}

async function describeOverlay(): Promise<string> {
  // Without a way to run servers as an ordinary user, the fixture of such a server says what is missing.
  const isPossible = await canOverlay(cacheDirectory()).catch(() => false)
  return isPossible ? 'yes: prepared data is not copied' : 'no: prepared data is copied for each server'
}

function freeSpace(directory: string): string {
  const space = valueUnless(['ENOENT', 'EACCES'], () => statfsSync(directory))
  return space ? `${gibibytes(space.bavail * space.bsize)} free` : 'not there yet'
}

function gibibytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`
}

async function describeLeftovers(): Promise<string> {
  const dead = await sweep(stateDirectory(), { dryRun: true })
  return dead.length === 0 ? 'none' : `${dead.length} dead runs; ${ownCommand()} sweep removes them`
}

async function describeConfig(file: string | undefined): Promise<string> {
  if (file === undefined) return 'none; names of fixtures can be used without one'
  try {
    const { services } = (await loadConfig(file)).config
    const named = Object.entries(services).map(([name, { kind }]) => (name === kind ? name : `${name} (${kind})`))
    return `${file}: ${named.join(', ')}`
  } catch (thrown) {
    return `${file}: ${asError(thrown).message}`
  }
}

function describeReport({ machine, fixtures }: Report): string {
  const width = Math.max(...Object.keys(machine).map((name) => name.length))
  const places = Object.entries(machine).map(([name, value]) => `${name.padEnd(width)}  ${value}`)
  const diagnoses = fixtures.flatMap(({ fixture, canRun, facts, problem }) => [
    canRun ? `${colors.green('✓')} ${fixture}` : `${colors.red('✗')} ${fixture}: ${problem}`,
    ...facts.map((fact) => `  ${fact}`),
  ])
  return [...places, '', ...diagnoses, ''].join('\n')
}
