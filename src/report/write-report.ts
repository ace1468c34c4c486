import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ResultsError } from '../kernel/errors.ts'
import { htmlPage } from '../page/html-page.ts'
import { pageAssets } from '../page/page-assets.ts'
import { readResults } from '../results/read-results.ts'
import { createReport } from './create-report.ts'
import { headlineOf } from './headline.ts'
import { junitXml } from './junit.ts'

/** Options of `writeReport`. */
export interface ReportOptions {
  /** File for JUnit XML. Default: `junit.xml` in the directory. */
  readonly junit?: string | undefined
}

/** Files of a report, and its headline. */
export interface WrittenReport {
  /** Outcome of the tests, in a single line. */
  readonly headline: string
  readonly page: string
  readonly junit: string
  /** Directories of runs that are left out: a later run has the same tests. */
  readonly earlier: readonly string[]
}

/**
 * Writes `index.html` and JUnit XML for results directories: of one host, or of several hosts of a run.
 *
 * @param directories results of hosts, or directories that contain such results; the page is written to the first one
 *
 * @throws ERR_RESULTS if there are no results, or the files cannot be written
 */
export async function writeReport(
  directories: string | readonly [string, ...string[]],
  { junit }: ReportOptions = {},
): Promise<WrittenReport> {
  const read = typeof directories === 'string' ? readResults(directories) : readResults(...directories)
  const data = createReport(read, read.path)
  const headline = headlineOf(data.tests)
  const page = join(read.path, 'index.html')
  const xml = junit === undefined ? join(read.path, 'junit.xml') : resolve(junit)
  writeFile(page, htmlPage({ title: headline, headline, data, ...(await pageAssets('report')) }))
  writeFile(xml, junitXml(data))
  return { headline, page, junit: xml, earlier: read.earlier }
}

function writeFile(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (thrown) {
    throw new ResultsError(`the report cannot be written to ${path}: ${String(thrown)}`, { cause: thrown })
  }
}
