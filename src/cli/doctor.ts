import { diagnoseBundledFixture } from '../config/bundled-fixtures.ts'
import { cacheDirectory } from '../host/cache-directory.ts'
import { stateDirectory } from '../host/state-directory.ts'
import { type BundledFixture, bundledFixtures } from '../kernel/package-modules.ts'
import type { Diagnosis } from '../service/instance/diagnosis.ts'
import { colors } from './colors.ts'
import { exitCodes } from './exit-codes.ts'
import type { GlobalOptions } from './options.ts'

interface DoctorOptions extends GlobalOptions {
  readonly json?: boolean
}

interface Report {
  /** Facts about the machine and its directories, by name. */
  readonly machine: Readonly<Record<string, string>>
  readonly fixtures: readonly (Diagnosis & { readonly fixture: BundledFixture; readonly canRun: boolean })[]
}

/** Reports which fixtures can run on this machine, and what to install for the rest. Exit code 1 if any cannot run. */
export async function doctor({ json = false }: DoctorOptions): Promise<number> {
  const report = await examine()
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : describeReport(report))
  return report.fixtures.every(({ canRun }) => canRun) ? exitCodes.done : exitCodes.failed
}

async function examine(): Promise<Report> {
  const fixtures = await Promise.all(
    bundledFixtures.map(async (fixture) => {
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
