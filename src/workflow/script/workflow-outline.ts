import { readFileSync } from 'node:fs'
import { valueUnless } from '../../kernel/value-unless.ts'
import { loadYaml } from '../../yaml/yaml-document.ts'

/** What can be told of a workflow file without a check. */
interface WorkflowOutline {
  readonly doc?: string | undefined
  /** Names of the steps. */
  readonly steps: readonly string[]
}

/** Reads what a workflow file tells of itself; an outline without steps if the file is no workflow. */
export async function workflowOutline(file: string): Promise<WorkflowOutline> {
  const { isMap, isSeq, parseDocument } = await loadYaml()
  const text = valueUnless(['ENOENT', 'EISDIR', 'EACCES'], () => readFileSync(file, 'utf8')) ?? ''
  const { contents } = parseDocument(text, { logLevel: 'silent' })
  if (!isMap(contents)) return { steps: [] }
  const [doc, steps] = [contents.get('doc'), contents.get('steps')]
  const names = isSeq(steps) ? steps.items.flatMap((step) => (isMap(step) ? (step.get('name') ?? []) : [])) : []
  return { doc: typeof doc === 'string' ? doc : undefined, steps: names.map(String) }
}
