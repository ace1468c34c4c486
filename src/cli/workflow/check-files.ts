import { dirname, resolve } from 'node:path'
import { loadWorkflowConfig } from '../../workflow/config/load-workflow-config.ts'
import type { WorkflowConfig } from '../../workflow/config/workflow-config.ts'
import { checkWorkflow } from '../../workflow/document/check-workflow.ts'
import type { Workflow } from '../../workflow/document/workflow.ts'
import type { FoundScript } from '../../workflow/script/script.ts'
import { knownScripts } from '../../workflow/scripts/bundled-scripts.ts'
import type { GlobalOptions } from '../terminal/options.ts'

export interface CheckedWorkflow {
  readonly workflow: Workflow
  readonly config: WorkflowConfig
  readonly findScript: (name: string) => FoundScript | undefined
}

/** Reads a workflow and its config. @throws ERR_CONFIG with all problems */
export async function checkFiles(given: string, options: GlobalOptions): Promise<CheckedWorkflow> {
  const file = resolve(given)
  const directory = dirname(file)
  const environment = process.env
  const scripts = knownScripts(directory)
  const config = await loadWorkflowConfig([options.config ?? []].flat(), { directory, environment })
  const workflow = await checkWorkflow({ file, config, scripts, environment })
  return { workflow, config, findScript: (name) => scripts.find(name) }
}
