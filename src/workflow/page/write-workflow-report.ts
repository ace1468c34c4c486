import { basename, join } from 'node:path'
import { writeFileAtomically } from '../../host/files/atomic-file.ts'
import { asError, hasCode, ResultsError } from '../../kernel/errors.ts'
import { Redactor } from '../../kernel/redactor.ts'
import { htmlPage } from '../../page/html-page.ts'
import { pageAssets } from '../../page/page-assets.ts'
import { writeReport } from '../../report/write-report.ts'
import { diskError } from '../../results/disk-error.ts'
import { RecordWriter, redacted } from '../output/record-file.ts'
import { createPageData } from './create-page-data.ts'
import type { WorkflowPageData } from './page-data.ts'
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
  const read = await withTestPages(await readWorkflow(directory, written))
  const data = redacted(createPageData(read), redactor) as WorkflowPageData
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

/** Writes the pages of tests. Results that cannot be read are left out, and named. */
async function withTestPages(read: ReadWorkflow): Promise<ReadWorkflow> {
  const unreadable = new Map<string, string>()
  for (const results of read.steps.flatMap((step) => step.results))
    await writeReport(results).catch((thrown) => unreadable.set(results, asError(thrown).message))
  const steps = read.steps.map((step) => ({
    ...step,
    results: step.results.filter((results) => !unreadable.has(results)),
  }))
  return { ...read, steps, problems: [...read.problems, ...unreadable.values()] }
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
