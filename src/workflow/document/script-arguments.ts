import { asError } from '../../kernel/errors.ts'
import { didYouMean } from '../../kernel/suggestion.ts'
import { describeIssues } from '../../service/options/parse-options.ts'
import { isDictionary, typeName } from '../../yaml/dictionary.ts'
import type { FoundScript, ScriptModule } from '../script/script.ts'
import { describeGot } from './describe-got.ts'
import { checkNames } from './named-arguments.ts'
import type { RawStep, StepScope } from './step-reader.ts'

interface ScriptWork {
  readonly uses: string
  /** The output of the schema. */
  readonly with: unknown
}

/** Reads `uses` and `with`: finds the script, and checks the arguments. */
export async function readArguments(step: RawStep, scope: StepScope): Promise<ScriptWork | undefined> {
  const { uses, with: given } = step.value
  const args = scope.substitution.in(given ?? {}, [...step.path, 'with'])
  const script = findScript(step, scope)
  const module = script && (await loadScript(script, step, scope))
  if (!module || typeof uses !== 'string') return undefined
  if (!isDictionary(args)) {
    scope.findings.add([...step.path, 'with'], `${step.prefix}with: expected a dictionary, but got ${typeName(args)}`)
    return undefined
  }
  await checkNames(args, module, { step, scope })
  return { uses, with: await checked(args, module, { step, scope, uses }) }
}

function findScript({ path: stepPath, value: { uses }, prefix }: RawStep, scope: StepScope): FoundScript | undefined {
  const path = [...stepPath, 'uses']
  if (typeof uses !== 'string') {
    scope.findings.add(path, `${prefix}uses: expected the name of a script, but got ${describeGot(uses)}`)
    return undefined
  }
  try {
    const script = scope.scripts.find(uses)
    if (script) return script
    const names = scope.scripts.names()
    const known = `expected one of ${names.join(', ')}`
    scope.findings.add(path, `${prefix}there is no script "${uses}"${didYouMean(uses, names)}; ${known}`)
  } catch (thrown) {
    scope.findings.add(path, `${prefix}${asError(thrown).message}`)
  }
  return undefined
}

async function loadScript(
  script: FoundScript,
  step: RawStep,
  { findings }: StepScope,
): Promise<ScriptModule | undefined> {
  try {
    return await script.load()
  } catch (thrown) {
    findings.add([...step.path, 'uses'], `${step.prefix}${asError(thrown).message.replaceAll(/\s*\n\s*/g, ' ')}`)
    return undefined
  }
}

interface Check {
  readonly step: RawStep
  readonly scope: StepScope
  readonly uses: string
}

async function checked(args: object, { schema }: ScriptModule, { step, scope, uses }: Check): Promise<unknown> {
  const path = [...step.path, 'with']
  if (!schema) {
    if (Object.keys(args).length > 0)
      scope.findings.addAtKey(path, `${step.prefix}with: the script ${uses} takes no arguments`)
    return args
  }
  const result = await schema['~standard'].validate(args)
  if (!result.issues) return result.value
  for (const { keys, message, isAboutKey } of describeIssues(schema, result.issues)) {
    const at = [...path, ...keys]
    const text = `${step.prefix}${['with', ...keys].join('.')}: ${message}`
    // The argument may be wrong only because its substitution is.
    if (scope.findings.concern(at)) continue
    if (step.value.with === undefined) scope.findings.add([...step.path, 'uses'], text)
    else if (isAboutKey) scope.findings.addAtKey(at, text)
    else scope.findings.add(at, text)
  }
  return args
}
