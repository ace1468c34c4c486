import { basename, join } from 'node:path'
import { writeFileAtomically } from '../../host/files/atomic-file.ts'
import { asError, hasCode, ResultsError } from '../../kernel/errors.ts'
import { Redactor } from '../../kernel/redactor.ts'
import { htmlPage } from '../../page/html-page.ts'
import { pageAssets } from '../../page/page-assets.ts'
import { diskError } from '../../results/disk-error.ts'
import { RecordWriter, redacted } from '../output/record-file.ts'
import { createPageData, type TestsByDirectory } from './create-page-data.ts'
import type { PageTests, WorkflowPageData } from './page-data.ts'
import { type ReadWorkflow, readWorkflow } from './read-workflow.ts'

/**
 * Writes `report.html` for the output directory of a workflow, and the pages of the tests that its steps have run.
 *
 * @param records those of the present run; they are not read, and only they know the secrets in the output of commands
 * @throws ERR_RESULTS if there is no state of a workflow, or the page cannot be written
 */
export async function writeWorkflowReport(
  directory: string,
  { redactor, written } = new RecordWriter(new Redactor()),
): Promise<{ headline: string; page: string }> {
  const read = await readWorkflow(directory, written)
  const { tests, problems } = await writeTestPages(read)
  const all = createPageData({ ...read, problems: [...read.problems, ...problems] }, tests)
  const data = redacted(all, redactor) as WorkflowPageData
  const headline = headlineOf(data)
  const page = join(read.path, 'report.html')
  writePage(page, htmlPage({ title: headline, headline, data, ...(await pageAssets('workflow')) }))
  return { headline, page }
}

function writePage(path: string, text: string): void {
  try {
    writeFileAtomically(path, text)
  } catch (thrown) {
    const error = diskError(path, thrown)
    if (hasCode(error, 'ERR_RESULTS')) throw error
    throw new ResultsError(`the report cannot be written to ${path}: ${String(thrown)}`, { cause: thrown })
  }
}

interface TestPages {
  readonly tests: TestsByDirectory
  /** Why results could not be read, in words. */
  readonly problems: readonly string[]
}

/** Writes the pages of tests. Their code is loaded if there are any. */
async function writeTestPages({ path, steps }: ReadWorkflow): Promise<TestPages> {
  const directories = steps.flatMap(({ results }) => results)
  const tests = new Map<string, PageTests>()
  const problems: string[] = []
  if (directories.length === 0) return { tests, problems }
  const { writeTestPage } = await import('./write-test-page.ts')
  for (const directory of directories) {
    const written = await writeTestPage(directory, path).catch(asError)
    if (written instanceof Error) problems.push(written.message)
    else tests.set(directory, written)
  }
  return { tests, problems }
}

function headlineOf({ workflow, steps, outcome }: WorkflowPageData): string {
  const name = basename(workflow)
  const failed = steps.filter(({ state }) => state === 'failed').map(({ name }) => name)
  const all = steps.length === 1 ? '1 step' : `${steps.length.toLocaleString('en')} steps`
  if (outcome === 'running') return `${name} did not come to its end`
  if (outcome === 'canceled') return `${name} was canceled`
  if (failed.length === 0) return `${name}: ${all}, none failed`
  return `${name}: ${failed.length.toLocaleString('en')} of ${all} failed`
}
