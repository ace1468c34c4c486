import type { ReportTest } from './report-data.ts'
import { isFailure } from './statuses.ts'

/** Returns the outcome of the tests, in a single line. */
export function headlineOf(tests: readonly ReportTest[]): string {
  const failed = tests.filter(({ status }) => isFailure(status)).length
  const canceled = tests.filter(({ status }) => status === 'canceled').length
  const all = tests.length === 1 ? '1 test' : `${tests.length.toLocaleString('en')} tests`
  if (tests.length === 0) return 'No test has run'
  if (failed > 0) return `${failed.toLocaleString('en')} of ${all} failed`
  if (canceled > 0) return `${canceled.toLocaleString('en')} of ${all} did not come to an end`
  return tests.length === 1 ? '1 test, which passed' : `${all}, none failed`
}
