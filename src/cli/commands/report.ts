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
  const [first = '', ...others] = directories
  const { headline, ...files } =
    others.length === 0 && isWorkflowOutput(first)
      ? await workflowReport(first, options)
      : await writeReport([first, ...others], { junit: options.junit })
  await print(`${[headline, ...Object.values(files)].join('\n')}\n`)
  return exitCodes.done
}

async function workflowReport(
  directory: string,
  { junit }: ReportOptions,
): Promise<{ headline: string; page: string }> {
  if (junit !== undefined) throw new UsageError('--junit: a workflow has no results of tests of its own')
  return writeWorkflowReport(directory)
}
