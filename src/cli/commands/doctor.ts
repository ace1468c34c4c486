import { diagnoseBundledFixture, isBundledFixture } from '../../config/bundled-fixtures.ts'
import { cacheDirectory } from '../../host/cache/cache-directory.ts'
import { stateDirectory } from '../../host/state-directory.ts'
import { UsageError } from '../../kernel/errors.ts'
import { type BundledFixture, bundledFixtures } from '../../kernel/package-modules.ts'
import { didYouMean } from '../../kernel/suggestion.ts'
import type { Diagnosis } from '../../service/server/diagnosis.ts'
import { colors } from '../terminal/colors.ts'
import { exitCodes } from '../terminal/exit-codes.ts'
import type { GlobalOptions } from '../terminal/options.ts'

interface DoctorOptions extends GlobalOptions {
  readonly json?: boolean
}

interface Report {
  /** Facts about the machine and its directories, by name. */
  readonly machine: Readonly<Record<string, string>>
  readonly fixtures: readonly (Diagnosis & { readonly fixture: BundledFixture; readonly canRun: boolean })[]
}

/**
 * Reports which fixtures can run on this machine, and what to install for the rest. Exit code 1 if a named one cannot
 * run.
 */
export async function doctor(names: readonly string[], { json = false }: DoctorOptions): Promise<number> {
  const report = await examine(names.length > 0 ? names.map(fixtureNamed) : bundledFixtures)
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : describeReport(report))
  const canRun = report.fixtures.every((fixture) => fixture.canRun)
  return canRun || names.length === 0 ? exitCodes.done : exitCodes.failed
}

function fixtureNamed(name: string): BundledFixture {
  if (isBundledFixture(name)) return name
  throw new UsageError(
    `unknown fixture "${name}"${didYouMean(name, bundledFixtures)}; expected ${bundledFixtures.join(', ')}`,
  )
}

async function examine(names: readonly BundledFixture[]): Promise<Report> {
  const fixtures = await Promise.all(
    names.map(async (fixture) => {
      const diagnosis = await diagnoseBundledFixture(fixture)
      return { fixture, canRun: diagnosis.problem === undefined, ...diagnosis }
    }),
  )
  const machine = {
    node: `${process.version} on ${process.platform} ${process.arch}`,
    state: stateDirectory(),
    cache: cacheDirectory(),
  }
  return { machine, fixtures }
}

function describeReport({ machine, fixtures }: Report): string {
  const places = Object.entries(machine).map(([name, value]) => `${name.padEnd(5)}  ${value}`)
  const diagnoses = fixtures.flatMap(({ fixture, canRun, facts, problem }) => [
    canRun ? `${colors.green('✓')} ${fixture}` : `${colors.red('✗')} ${fixture}: ${problem}`,
    ...facts.map((fact) => `  ${fact}`),
  ])
  return [...places, '', ...diagnoses, ''].join('\n')
}
