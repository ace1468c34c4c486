import { relative } from 'node:path'
import { UsageError } from '../../kernel/errors.ts'
import { writeReport } from '../../report/write-report.ts'
import { isWorkflowOutput } from '../../workflow/page/read-workflow.ts'
import { writeWorkflowReport } from '../../workflow/page/write-workflow-report.ts'
import { exitCodes } from '../terminal/exit-codes.ts'
import type { GlobalOptions } from '../terminal/options.ts'
import { print } from '../terminal/output.ts'

interface ReportOptions extends GlobalOptions {
  readonly junit?: string
}

/** Writes a report of a workflow or of the results of a pool, and prints the paths of its files. */
export async function report(directories: readonly string[], options: ReportOptions): Promise<number> {
  const [first = 'pool-results', ...others] = directories
  const isWorkflow = others.length === 0 && isWorkflowOutput(first)
  const written = isWorkflow ? await workflowReport(first, options) : await poolReport([first, ...others], options)
  await print(`${written.join('\n')}\n`)
  return exitCodes.done
}

async function poolReport(directories: [string, ...string[]], { junit }: ReportOptions): Promise<string[]> {
  const { headline, page, junit: xml, earlier } = await writeReport(directories, { junit })
  const paths = earlier.map((path) => relative(process.cwd(), path))
  if (paths.length > 0) process.stderr.write(`left out, as a later run has the same tests: ${paths.join(', ')}\n`)
  return [headline, page, xml]
}

async function workflowReport(directory: string, { junit }: ReportOptions): Promise<string[]> {
  if (junit !== undefined) throw new UsageError('--junit: a workflow has no results of tests of its own')
  const { headline, page } = await writeWorkflowReport(directory)
  return [headline, page]
}
