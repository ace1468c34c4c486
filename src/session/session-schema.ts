import * as v from 'valibot'
import { parseOptions } from '../service/options/parse-options.ts'
import { filesSchema, madeVariablesSchema, planSchema, variablesSchema } from '../service/options/plan-schema.ts'
import type { SessionCommand } from './run-command.ts'
import type { EnterEnvironmentOptions, ExitEnvironmentOptions, SessionAction } from './session-options.ts'

/** Not checked by class: code in a `node:vm` context may have a different `AbortSignal`. */
const signal = v.optional(v.looseObject({ aborted: v.boolean() }))

const ruleSchema = v.strictObject({
  format: v.optional(v.picklist(['POSIX', 'WINDOWS'])),
  source: v.string(),
  destination: v.string(),
})

/** Leaves the options `services`, `prefix`, `directory` and `profile` to the service registry. */
const sessionSchema = v.looseObject({
  id: v.optional(
    v.pipe(v.string(), v.regex(/^[A-Za-z0-9][\w.-]{0,63}$/, 'at most 64 letters, digits, "-", "_" and "."')),
  ),
  rootDirectory: v.optional(v.string()),
  environment: v.optional(madeVariablesSchema),
  user: v.optional(v.string()),
  keepsDirectory: v.optional(v.boolean()),
  pathMappingRules: v.optional(v.array(ruleSchema)),
  onEvent: v.optional(v.function()),
  signal,
  continuesAfterFailure: v.optional(v.boolean()),
})

const call = { callVariables: v.optional(variablesSchema), signal }

const environmentSchema = v.strictObject({
  id: v.optional(v.string()),
  name: v.optional(v.string()),
  variables: v.optional(variablesSchema),
  embeddedFiles: v.optional(filesSchema),
  onEnter: v.optional(planSchema),
  onExit: v.optional(planSchema),
  ...call,
})

const exitSchema = v.strictObject({ id: v.string(), ...call })

const actionSchema = v.strictObject({
  ...planSchema.entries,
  name: v.optional(v.string()),
  variables: v.optional(variablesSchema),
  ignoresEnvironments: v.optional(v.boolean()),
  signal,
})

/** @throws ERR_CONFIG naming the invalid option */
export function checkSession(options: object): void {
  parseOptions(sessionSchema, options, 'new Session()')
}

/** @throws ERR_CONFIG naming the invalid option */
export function checkEnvironment(options: EnterEnvironmentOptions): void {
  parseOptions(environmentSchema, options, 'enterEnvironment()')
}

/** @throws ERR_CONFIG naming the invalid option */
export function checkExit(options: ExitEnvironmentOptions): void {
  parseOptions(exitSchema, options, 'exitEnvironment()')
}

/** @throws ERR_CONFIG naming the invalid option */
export function checkAction(options: SessionAction): void {
  parseOptions(actionSchema, options, 'runAction()')
}

/** @throws ERR_CONFIG naming the invalid option */
export function checkCommand({ argv }: SessionCommand): void {
  parseOptions(v.object({ argv: planSchema.entries.command.options[0] }), { argv }, 'run()')
}
