import type { ActionPlan } from '../action/action-plan.ts'
import type { EmbeddedFiles } from '../action/embedded-files.ts'
import type { NeededConfigs } from './command.ts'
import { defineService, type ServiceDefinition, type ServiceScope } from './definition.ts'
import type { HealthCheck, RestartPolicy } from './health-check.ts'
import type { ScriptConfig } from './script-config.ts'
import { checkScript, checkScriptProfile } from './script-schema.ts'
import { ScriptService } from './script-service.ts'
import type { ScriptPorts } from './service-ports.ts'

/** The variables of the actions of a script: fixed ones, or made from the configs of what it needs. */
export type ScriptVariables<Need extends string = string, Needed = NeededConfigs<Need>> =
  | ScriptValues
  | ((needs: Needed) => ScriptValues)

/** A number becomes a text; `null` unsets. */
type ScriptValues = Readonly<Record<string, string | number | null>>

export interface ScriptOptions<Need extends string = string, Needed = NeededConfigs<Need>> {
  /**
   * Prepares the service, or starts it and ends when it is ready. Each line `openjd_env: NAME=value` that it says sets a
   * variable, for the other actions and for clients.
   */
  readonly onEnter?: ActionPlan
  /** The server itself: runs until it is stopped. That it ends before is a failure. */
  readonly onRun?: ActionPlan
  /** Ports of the service, by name, each free and its own. */
  readonly ports?: ScriptPorts
  /** How it is known that `onRun` is ready and healthy. Default: by `onHealthCheck`, or else by its TCP ports. */
  readonly healthCheck?: HealthCheck
  /** Succeeds if the service runs and answers. Default: the ports of `onRun` are asked. Default time: 30,000 ms. */
  readonly onHealthCheck?: ActionPlan
  /** Another name of `onHealthCheck`. */
  readonly onCheck?: ActionPlan
  /** Whether `onRun` is started again after a failure, in the foreground command. Default: it is not. */
  readonly restartPolicy?: RestartPolicy
  /** Stops it. Processes that it leaves running are ended anyway. Default: nothing. */
  readonly onExit?: ActionPlan
  /** Makes it as it was when it became ready. Default: nothing: what state it has, it keeps. */
  readonly onReset?: ActionPlan
  /** Services that must be ready first. */
  readonly needs?: readonly Need[]
  /** Whom a script with `needs` is for in a test run: see `scope` of `command()`. Default: `slot`. */
  readonly scope?: ServiceScope
  /** For its actions, besides the present environment; `null` unsets. Nobody else gets them. */
  readonly variables?: ScriptVariables<Need, Needed>
  /** Written before they are needed, for each of its actions. */
  readonly embeddedFiles?: EmbeddedFiles
  /** As whom its actions run: root becomes any user, others by `sudo -n`. Default: the present user. */
  readonly user?: string
}

/**
 * Defines a service in any language: commands that prepare, run, check and stop it, and tell what others need to know,
 * in lines of their output. `openjd_env: URL=…` is `url` in its config, `LP_<LABEL>_URL`, and the plain variable `URL`;
 * `openjd_redacted_env:` the same, for a value that no log may show.
 *
 * @throws ERR_CONFIG for an option that makes no sense
 */
export function script<const Need extends string = never, Needed = NeededConfigs<Need>>(
  options: ScriptOptions<Need, Needed>,
): ServiceDefinition<ScriptConfig, Need> {
  const plain = options as unknown as ScriptOptions
  checkScript(plain, 'script()')
  return defineService({
    kind: 'script',
    needs: options.needs,
    scope: options.scope,
    checkProfile: (profile, path) => checkScriptProfile(plain, profile, path),
    create: (init) => new ScriptService(init, plain),
  })
}
