import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse } from 'yaml'
import { ConfigError } from '../../kernel/errors.ts'
import { valueUnless } from '../../kernel/value-unless.ts'
import type { WorkflowConfig } from '../../workflow/config/workflow-config.ts'
import type { Step, Workflow } from '../../workflow/document/workflow.ts'
import type { FoundScript } from '../../workflow/script/script.ts'
import type { GlobalOptions } from '../terminal/options.ts'

export interface CheckedWorkflow {
  readonly workflow: Workflow
  readonly config: WorkflowConfig
  readonly findScript: (name: string) => FoundScript | undefined
}

/** Reads a workflow and its config. For now without the checks of `src/workflow/document`. */
export async function checkFiles(given: string, _options: GlobalOptions): Promise<CheckedWorkflow> {
  const file = resolve(given)
  const text = valueUnless(['ENOENT'], () => readFileSync(file, 'utf8'))
  if (text === undefined) throw new ConfigError(`there is no workflow ${given}`)
  const { doc, steps } = parse(text) as { doc?: string; steps: readonly (Step & { run?: string | string[] })[] }
  const read = steps.map((step): Step => {
    if (!('run' in step)) return step
    const lines = typeof step.run === 'string' ? step.run.split('\n') : step.run
    return { ...step, run: lines.filter((line) => line.trim() !== '' && !line.trim().startsWith('#')) }
  })
  const config: WorkflowConfig = { files: [], transports: new Map(), value: () => undefined }
  return { workflow: { file, doc, steps: read }, config, findScript: () => undefined }
}
