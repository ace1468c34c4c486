import * as v from 'valibot'
import type { WorkflowContext } from '../script/script.ts'

export const description = 'writes the report of the steps so far; the end of a workflow writes it anyway'

export const schema = v.strictObject({})

export default async function report(context: WorkflowContext): Promise<void> {
  const { writeWorkflowReport } = await import('../page/write-workflow-report.ts')
  const { page } = await writeWorkflowReport(context.output)
  context.log(page)
}
