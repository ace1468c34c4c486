import { statfsSync } from 'node:fs'
import { freemem, totalmem } from 'node:os'
import { findConfig } from '../../config/find-config.ts'
import { findFixture, fixtureNames, loadFixture, type NamedFixture } from '../../config/fixtures.ts'
import { loadConfig } from '../../config/load-config.ts'
import { describeEngine } from '../../container/describe-engine.ts'
import { cacheDirectory } from '../../host/cache/cache-directory.ts'
import { findMemoryDirectory } from '../../host/files/memory-directory.ts'
import { canOverlay } from '../../host/overlay.ts'
import { stateDirectory } from '../../host/state-directory.ts'
import { asError, MissingBinaryError, UsageError } from '../../kernel/errors.ts'
import type { Lack } from '../../kernel/lack.ts'
import { ownCommand } from '../../kernel/own-command.ts'
import { didYouMean } from '../../kernel/suggestion.ts'
import { valueUnless } from '../../kernel/value-unless.ts'
import { sweep } from '../../run/sweep.ts'
import type { ServiceDefinition } from '../../service/definition.ts'
import type { Diagnosis } from '../../service/server/diagnosis.ts'
import { installTogether } from '../../service/server/install-advice.ts'
import { colors } from '../terminal/colors.ts'
import { alignColumns } from '../terminal/columns.ts'
import { exitCodes } from '../terminal/exit-codes.ts'
import type { GlobalOptions } from '../terminal/options.ts'

interface DoctorOptions extends GlobalOptions {
  readonly json?: boolean
}

const container = 'container'

/** Whether a service can run here. */
interface Finding extends Diagnosis {
  /** Kind of the service. */
  readonly fixture: string
  readonly canRun: boolean
  /** The missing programs and libraries that a package manager can install. */
  readonly lacks?: readonly Lack[]
}

interface Report {
  /** Facts about the machine, its directories and this project, by name. */
  readonly machine: Readonly<Record<string, string>>
  /** The services of the config, each with its own options. */
  readonly services: readonly (Finding & { readonly service: string })[]
  /** Fixtures with their default options. */
  readonly fixtures: readonly Finding[]
  /** Commands that install all missing programs and libraries of the demanded services, if there are several. */
  readonly install?: string
}

/**
 * Reports which services of the config and which fixtures can run on this machine, and what to install for the rest.
 * Exit code 1 if the config cannot be loaded, or one of its services, or a named fixture cannot run.
 */
export async function doctor(names: readonly string[], options: DoctorOptions): Promise<number> {
  const directory = process.cwd()
  const project = await readProject(options.config ?? findConfig(directory))
  const isNamed = (name: string): boolean => names.length === 0 || names.includes(name)
  const wanted = Object.entries(project.services).filter(([name]) => isNamed(name))
  const known = [...Object.keys(project.services), ...fixtureNames(directory), container]
  const asked = names.length > 0 ? names : fixtureNames(directory)
  const others = asked.filter((name) => !(name in project.services) && name !== container)
  // An unknown name may be a service of the config, whose services are unknown if the config is broken.
  const named = others.flatMap((name) =>
    project.isBroken ? (findFixture(name, directory) ?? []) : fixtureNamed(name, known, directory),
  )
  const isContainerNamed = names.includes(container) && !(container in project.services)
  const [machine, services, fixtures, containers] = await Promise.all([
    describeMachine(project.description),
    Promise.all(wanted.map(async ([service, each]) => ({ service, ...(await examine(each, project.directory)) }))),
    Promise.all(named.map((fixture) => examineFixture(fixture, directory))),
    isContainerNamed ? examineEngine().then((finding) => [finding]) : [],
  ])
  const demanded = names.length > 0 ? [...services, ...fixtures, ...containers] : services
  const lacks = demanded.flatMap(({ lacks = [] }) => lacks.map(({ packages }) => packages))
  const install = lacks.length > 1 ? { install: installTogether(lacks) } : {}
  const report: Report = { machine, services, fixtures: [...fixtures, ...containers], ...install }
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : describeReport(report, project))
  const canRun = demanded.every((finding) => finding.canRun) && !project.isBroken
  return canRun ? exitCodes.done : exitCodes.failed
}

function fixtureNamed(name: string, known: readonly string[], directory: string): NamedFixture {
  const fixture = findFixture(name, directory)
  if (fixture) return fixture
  throw new UsageError(`unknown fixture "${name}"${didYouMean(name, known)}; expected ${known.join(', ')}`)
}

async function examineFixture(fixture: NamedFixture, directory: string): Promise<Finding> {
  const { name, file } = fixture
  try {
    const definition = await loadFixture(fixture)
    if (definition.diagnose) return { ...(await examine(definition, directory)), fixture: name }
    return { fixture: name, canRun: true, facts: [`in ${file}; the package does not say what it needs`] }
  } catch (thrown) {
    return { fixture: name, canRun: false, facts: [], problem: asError(thrown).message }
  }
}

/** Describes the engine instead of a server: the fixture `container` has no default image. */
async function examineEngine(): Promise<Finding> {
  try {
    return { fixture: container, canRun: true, facts: [await describeEngine()] }
  } catch (thrown) {
    return { fixture: container, canRun: false, facts: [], problem: asError(thrown).message }
  }
}

async function examine(definition: ServiceDefinition, directory: string): Promise<Finding> {
  const failed = (thrown: unknown): Diagnosis => ({ facts: [], problem: asError(thrown).message })
  const diagnosis = (await definition.diagnose?.(directory).catch(failed)) ?? { facts: [] }
  const canRun = diagnosis.problem === undefined
  if (canRun) return { fixture: definition.kind, canRun, ...diagnosis }
  const errors = (await definition.findMissing?.({ label: definition.kind, directory }).catch(() => [])) ?? []
  const lacks = errors.flatMap((error) => (error instanceof MissingBinaryError && error.lack ? [error.lack] : []))
  return { fixture: definition.kind, canRun, ...diagnosis, ...(lacks.length > 0 && { lacks }) }
}

/** The services of a project, and the line about its config. */
interface Project {
  readonly services: Readonly<Record<string, ServiceDefinition>>
  readonly directory: string
  readonly description: string
  readonly isBroken: boolean
}

async function readProject(file: string | undefined): Promise<Project> {
  const none = { services: {}, directory: process.cwd(), isBroken: false }
  if (file === undefined) return { ...none, description: 'none; names of fixtures can be used without one' }
  try {
    const { config, directory } = await loadConfig(file)
    return { ...none, services: config.services, directory, description: file }
  } catch (thrown) {
    return { ...none, isBroken: true, description: asError(thrown).message }
  }
}

async function describeMachine(config: string): Promise<Record<string, string>> {
  const [overlay, leftovers, engine] = await Promise.all([
    describeOverlay(),
    describeLeftovers(),
    describeEngine().catch((thrown) => `none: ${asError(thrown).message}`),
  ])
  const memory = findMemoryDirectory()
  return {
    node: `${process.version} on ${process.platform} ${process.arch}`,
    state: `${stateDirectory()} (${freeSpace(stateDirectory())})`,
    cache: `${cacheDirectory()} (${freeSpace(cacheDirectory())})`,
    leftovers,
    memory: `${gibibytes(freemem())} of ${gibibytes(totalmem())} free; throw-away data lies ${'path' in memory ? `in ${memory.path}` : `on disk: ${memory.reason}`}`,
    overlay,
    containers: engine,
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

function describeReport(report: Report, { isBroken }: Project): string {
  const { services, fixtures, install } = report
  const broken = isBroken ? [`${colors.red('✗')} config: ${report.machine.config}`] : []
  const places = alignColumns(Object.entries(report.machine).filter(([name]) => !isBroken || name !== 'config'))
  const ofConfig = services.flatMap((finding) => describeFinding(finding, `${finding.service}, as in the config`))
  const ofFixtures = fixtures.flatMap((finding) => describeFinding(finding, finding.fixture))
  const advice = install === undefined ? [] : [`to install what is missing: ${install}`]
  const sections = [broken, places, ofConfig, ofFixtures, advice]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n')
}

function describeFinding({ canRun, facts, problem }: Finding, name: string): string[] {
  const head = canRun ? `${colors.green('✓')} ${name}` : `${colors.red('✗')} ${name}: ${problem}`
  return [head, ...facts.map((fact) => `  ${fact}`)]
}
