import { join } from 'node:path'
import * as v from 'valibot'
import { loadWorkflowConfig } from '../../src/workflow/config/load-workflow-config.ts'
import { checkWorkflow } from '../../src/workflow/document/check-workflow.ts'
import type { Workflow } from '../../src/workflow/document/workflow.ts'
import type { KnownScripts, ScriptModule } from '../../src/workflow/script/script.ts'
import { type WrittenFiles, writtenFiles } from './written-files.ts'

const transportName = v.pipe(v.string(), v.metadata({ format: 'transport' }))

const copySchema = v.strictObject({
  from: v.string(),
  to: v.optional(v.string(), '/tmp'),
  times: v.optional(v.pipe(v.number(), v.minValue(1))),
  names: v.optional(v.array(v.string())),
  transport: v.optional(v.union([transportName, v.array(transportName)])),
  services: v.optional(v.array(v.pipe(v.string(), v.metadata({ format: 'service' })))),
})

const modules: Readonly<Record<string, ScriptModule>> = {
  copy: { default: () => undefined, schema: copySchema },
  nothing: { default: () => undefined },
}

/** The scripts `copy` and `nothing`. */
export const testScripts: KnownScripts = {
  find: (name) => {
    const module = Object.hasOwn(modules, name) ? modules[name] : undefined
    return module && { name, origin: 'project', load: async () => module }
  },
  names: () => Object.keys(modules),
}

export interface Surroundings {
  /** Text of `workflow.config.yaml`. */
  readonly config?: string
  readonly environment?: NodeJS.ProcessEnv
  readonly files?: WrittenFiles
}

/** Checks a workflow among the scripts `copy` and `nothing`. */
export async function checked(text: string | Buffer, around: Surroundings = {}): Promise<Workflow> {
  const { config = '', environment = {}, files = {} } = around
  const directory = writtenFiles({ 'workflow.yaml': text, 'c.yaml': config, ...files })
  const loaded = await loadWorkflowConfig([join(directory, 'c.yaml')], { directory, environment })
  return checkWorkflow({ file: join(directory, 'workflow.yaml'), config: loaded, scripts: testScripts, environment })
}

/** Returns the problems of a workflow, without the path: `3:5: …`. */
export async function problemsOf(text: string | Buffer, around?: Surroundings): Promise<string[]> {
  try {
    await checked(text, around)
    return []
  } catch (thrown) {
    const { message } = thrown as Error
    return message.split('\n').map((line) => line.replaceAll(/\/\S*\/(workflow|c)\.yaml:?/g, ''))
  }
}
