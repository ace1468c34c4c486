import { dirname, resolve } from 'node:path'
import { loadWorkflowConfig } from '../../workflow/config/load-workflow-config.ts'
import type { WorkflowConfig } from '../../workflow/config/workflow-config.ts'
import { checkWorkflow } from '../../workflow/document/check-workflow.ts'
import type { Workflow } from '../../workflow/document/workflow.ts'
import type { FoundScript } from '../../workflow/script/script.ts'
import { knownScripts } from '../../workflow/scripts/bundled-scripts.ts'

export interface CheckedWorkflow {
  readonly workflow: Workflow
  readonly config: WorkflowConfig
  readonly findScript: (name: string) => FoundScript | undefined
}

/**
 * Reads a workflow and its config files.
 *
 * @param signal cancels the loading of a config file that does not end
 * @throws ERR_CONFIG with all mistakes; ERR_CANCELED
 */
export async function checkFiles(
  given: string,
  configs: readonly string[],
  signal: AbortSignal,
): Promise<CheckedWorkflow> {
  const file = resolve(given)
  const environment = process.env
  const config = await loadWorkflowConfig(configs, { directory: dirname(file), environment, signal })
  const scripts = knownScripts(dirname(file))
  const workflow = await checkWorkflow({ file, config, scripts, environment })
  return { workflow, config, findScript: scripts.find }
}
