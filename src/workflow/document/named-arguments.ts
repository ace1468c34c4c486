import { asError } from '../../kernel/errors.ts'
import type { Dictionary } from '../../yaml/dictionary.ts'
import { problemOfName } from '../config/transport-names.ts'
import type { WorkflowConfig } from '../config/workflow-config.ts'
import { describeArguments, type NameFormat } from '../script/describe-arguments.ts'
import type { ScriptModule } from '../script/script.ts'
import type { RawStep, StepScope } from './step-reader.ts'

interface Place {
  readonly step: RawStep
  readonly scope: StepScope
}

/** Checks the arguments that name transports or services: texts, or lists of texts. */
export async function checkNames(args: Dictionary, { schema }: ScriptModule, { step, scope }: Place): Promise<void> {
  for (const { name, format } of describeArguments(schema) ?? []) {
    if (!format) continue
    const value = args[name]
    for (const [i, each] of [value].flat().entries()) {
      const at = [...step.path, 'with', name, ...(Array.isArray(value) ? [i] : [])]
      const problem = typeof each === 'string' ? await problemOf[format](each, scope.config) : undefined
      if (problem !== undefined && !scope.findings.concern(at))
        scope.findings.add(at, `${step.prefix}with.${name}: ${problem}`)
    }
  }
}

type Check = (name: string, config: WorkflowConfig) => Promise<string | undefined> | string | undefined

const problemOf: Readonly<Record<NameFormat, Check>> = {
  transport: problemOfName,
  service: (name, config) =>
    config.servicesOf([name]).then(
      () => undefined,
      (thrown) => asError(thrown).message.replaceAll(/\s*\n\s*/g, ' '),
    ),
}
