import * as v from 'valibot'
import type { ActionPlan } from '../action/action-plan.ts'
import type { EmbeddedFiles } from '../action/embedded-files.ts'
import type { NeededConfigs } from './command.ts'
import { defineService, type ServiceDefinition } from './definition.ts'
import type { ScriptConfig } from './entered-script.ts'
import { parseOptions } from './parse-options.ts'
import { filesSchema, planSchema, valuesSchema } from './plan-schema.ts'
import { ScriptService } from './script-service.ts'

/** The variables of the actions of a script: fixed ones, or made from the configs of what it needs. */
export type ScriptVariables<Need extends string = string, Needed = NeededConfigs<Need>> =
  | ScriptValues
  | ((needs: Needed) => ScriptValues)

/** A number becomes a text; `null` unsets. */
type ScriptValues = Readonly<Record<string, string | number | null>>

export interface ScriptOptions<Need extends string = string, Needed = NeededConfigs<Need>> {
  /** Starts the service and ends when it is ready. Each line `openjd_env: NAME=value` that it says sets a variable. */
  readonly onEnter: ActionPlan
  /** Stops it. Processes that it leaves running are ended anyway. Default: nothing. */
  readonly onExit?: ActionPlan
  /** Succeeds if the service runs and answers. Default: nothing is asked. */
  readonly onCheck?: ActionPlan
  /** Makes it as it was when it became ready. Default: nothing: what state it has, it keeps. */
  readonly onReset?: ActionPlan
  /** Services that must be ready first. */
  readonly needs?: readonly Need[]
  /** For its actions, besides the present environment; `null` unsets. Nobody else gets them. */
  readonly variables?: ScriptVariables<Need, Needed>
  /** Written for each of its actions. */
  readonly embeddedFiles?: EmbeddedFiles
  /** As whom its actions run: root becomes any user, others by `sudo -n`. Default: the present user. */
  readonly user?: string
}

const scriptSchema = v.strictObject({
  onEnter: planSchema,
  onExit: v.optional(planSchema),
  onCheck: v.optional(planSchema),
  onReset: v.optional(planSchema),
  needs: v.optional(v.array(v.string())),
  variables: v.optional(v.union([v.function(), valuesSchema])),
  embeddedFiles: v.optional(filesSchema),
  user: v.optional(v.string()),
})

/** What a profile may change: all but the order of things. */
const profileSchema = v.partial(v.omit(scriptSchema, ['needs']))

/**
 * A service in any language: commands that start it, stop it, and tell what others need to know, in lines of their
 * output. `openjd_env: URL=…` is `url` in its config, `LP_<LABEL>_URL`, and the plain variable `URL`;
 * `openjd_redacted_env:` the same, for a value that no log may show.
 *
 * @throws ERR_CONFIG for an option that makes no sense
 */
export function script<const Need extends string = never, Needed = NeededConfigs<Need>>(
  options: ScriptOptions<Need, Needed>,
): ServiceDefinition<ScriptConfig, Need> {
  parseOptions(scriptSchema, options, 'script()')
  return defineService({
    kind: 'script',
    needs: options.needs,
    checkProfile: (profile, path) => void parseOptions(profileSchema, profile, path),
    create: (init) => new ScriptService(init, options as unknown as ScriptOptions),
  })
}
