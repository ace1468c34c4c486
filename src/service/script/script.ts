import type { ActionPlan } from '../../action/action-plan.ts'
import type { EmbeddedFile } from '../../action/embedded-files.ts'
import type { NeededConfigs } from '../command/command.ts'
import { defineService, type ServiceDefinition } from '../definition.ts'
import type { HealthCheck, RestartPolicy } from '../instance/health-check.ts'
import type { ScriptConfig } from './script-config.ts'
import { checkScript, checkScriptProfile } from './script-schema.ts'
import { ScriptService } from './script-service.ts'
import type { ScriptPort } from './service-ports.ts'

/** Variables for the actions of a script: fixed values, or a function of the configs of the needs. */
type ScriptVariables<Need extends string = string, Needed = NeededConfigs<Need>> =
  | ScriptValues
  | ((needs: Needed) => ScriptValues)

/** A number becomes a string; `null` unsets. */
type ScriptValues = Readonly<Record<string, string | number | null>>

export interface ScriptOptions<Need extends string = string, Needed = NeededConfigs<Need>> {
  /**
   * Prepares the service, or starts the service and ends when it is ready. Each output line `openjd_env: NAME=value`
   * sets a variable for later actions and for clients.
   */
  readonly onEnter?: ActionPlan
  /** The server itself: runs until stopped. An earlier end is a failure. */
  readonly onRun?: ActionPlan
  /** Ports of the service, by name; each gets a free port by default. */
  readonly ports?: Readonly<Record<string, ScriptPort>>
  /** How to tell that `onRun` is ready and healthy. Default: by `onHealthCheck`, or else by the TCP ports. */
  readonly healthCheck?: HealthCheck
  /**
   * Must succeed if the service runs and answers; limit: 30,000 ms by default. Default action: connects to the ports of
   * `onRun`.
   */
  readonly onHealthCheck?: ActionPlan
  /** Alias of `onHealthCheck`. */
  readonly onCheck?: ActionPlan
  /** Whether the foreground command restarts `onRun` after a failure. Default: no restart. */
  readonly restartPolicy?: RestartPolicy
  /** Stops the service. Processes left running are ended anyway. Default: none. */
  readonly onExit?: ActionPlan
  /** Restores the state at the time of becoming ready. Default: none, the service keeps its state. */
  readonly onReset?: ActionPlan
  /** Services that must be ready first. */
  readonly needs?: readonly Need[]
  /** How many instances of a script with `needs` a test run has: see `scope` of `command()`. Default: `slot`. */
  readonly scope?: ServiceDefinition['scope']
  /** Variables for the actions alone, besides the present environment; `null` unsets. */
  readonly variables?: ScriptVariables<Need, Needed>
  /** Files written before the first use, for each of the actions. */
  readonly embeddedFiles?: Readonly<Record<string, EmbeddedFile>>
  /**
   * User for running the actions: root can switch to any user, an ordinary user needs `sudo -n`. Default: the present
   * user.
   */
  readonly user?: string
}

/**
 * Defines a service in any language by commands that prepare, run, check and stop the service. The commands report
 * values to clients in lines of output: `openjd_env: URL=…` becomes `url` in the config, `LP_<LABEL>_URL`, and the
 * plain variable `URL`. `openjd_redacted_env:` does the same for a value to hide from logs.
 *
 * @throws ERR_CONFIG for an invalid option
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
    options: plain,
    create: (init) => new ScriptService(init),
  })
}
