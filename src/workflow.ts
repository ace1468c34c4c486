/** The door `test-services/workflow`: for scripts of workflows. */

export type { StandardSchema } from './service/options/standard-schema.ts'
export type {
  CommandOptions,
  CommandResult,
  Script,
  ScriptModule,
  ServicesOptions,
  WorkflowContext,
} from './workflow/script/script.ts'
