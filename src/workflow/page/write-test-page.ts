import { relative } from 'node:path'
import { createReport } from '../../report/create-report.ts'
import { headlineOf } from '../../report/headline.ts'
import { isFailure } from '../../report/statuses.ts'
import { writeReport } from '../../report/write-report.ts'
import { readResults } from '../../results/read-results.ts'
import type { PageTests } from './page-data.ts'

/** Failures of tests on the page of a workflow; the page of the tests has all. */
const mostFailures = 20

/**
 * Writes the page of tests, and returns their outcome.
 *
 * @param directory has the results of the tests
 * @param root directory of the workflow's page
 * @throws ERR_RESULTS if the results cannot be read
 */
export async function writeTestPage(directory: string, root: string): Promise<PageTests> {
  await writeReport(directory)
  const { tests } = createReport(readResults(directory), directory)
  const failures = tests.filter(({ status }) => isFailure(status)).slice(0, mostFailures)
  return {
    headline: headlineOf(tests),
    href: `${relative(root, directory).split('/').map(encodeURIComponent).join('/')}/index.html`,
    failures: failures.map(({ name, status, results }) => ({
      name,
      status,
      note: results.find(({ note }) => note !== undefined)?.note ?? '',
    })),
  }
}
