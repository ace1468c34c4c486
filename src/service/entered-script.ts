import { join } from 'node:path'
import { Action } from '../action/action.ts'
import { ActionLog } from '../action/action-log.ts'
import type { ActionEvent, ActionPlan, ActionStatus } from '../action/action-plan.ts'
import type { ActionScope } from '../action/action-scope.ts'
import { isOver } from '../action/action-state.ts'
import { describeStatus } from '../action/action-status.ts'
import { environmentGraceMs } from '../action/cancelation.ts'
import { HurriedExits } from '../action/hurried-exits.ts'
import type { ActionMessage } from '../action/message.ts'
import { VariableChanges, type VariableLayer } from '../action/variable-changes.ts'
import type { Workspace } from '../action/workspace.ts'
import { keptLogs } from '../host/state-directory.ts'
import type { Deadline } from '../kernel/deadline.ts'
import type { ServiceEvidence } from '../kernel/errors.ts'
import type { Instance } from './instance.ts'
import { camelCase, upperSnake } from './label.ts'

/** What the script has said of itself: `openjd_env: API_URL=…` is `apiUrl`. */
export type ScriptConfig = Readonly<Record<string, string>>

/** Where its actions, and what they leave running, can write what belongs into the log. */
const logVariable = 'TEST_SERVICES_LOG'

interface EnteredScriptParts {
  readonly instance: Instance
  readonly workspace: Workspace
  readonly scope: ActionScope
  readonly declared: VariableLayer
}

interface Limits {
  readonly deadline?: Deadline | undefined
  readonly kill: AbortSignal | undefined
  /** Ended when the action is canceled. Default: that of the script. */
  readonly scope?: ActionScope
}

/** One instance of a script: from before its `onEnter` until after its `onExit`. */
export class EnteredScript {
  readonly #parts: EnteredScriptParts
  readonly #changes: VariableChanges
  readonly #log: ActionLog
  #told: ActionStatus | undefined
  #standDown = (): void => {}
  /** What its `onEnter` has set, by the names that it said. */
  readonly #said = new Map<string, string>()

  constructor(parts: EnteredScriptParts) {
    this.#parts = parts
    this.#changes = new VariableChanges(parts.declared)
    this.#log = new ActionLog(parts.instance.logFile)
    parts.instance.addCleanUp(() => this.#log.close())
  }

  /** What no text for people may show. */
  get secrets(): readonly string[] {
    return this.#changes.secrets
  }

  get config(): ScriptConfig {
    return Object.fromEntries([...this.#said].map(([name, value]) => [keyOf(name), value]))
  }

  get #layers(): VariableLayer[] {
    const { instance, workspace } = this.#parts
    // Our log is not another user's to write.
    const logFile = workspace.owner ? join(workspace.directory, 'service.log') : instance.logFile
    return [{ [logVariable]: logFile }, this.#changes.layer]
  }

  /** Has the guardian exit it, with the variables as they are now; calling it again replaces what was recorded. */
  standBy(onExit: ActionPlan): void {
    const before = this.#standDown
    this.#standDown = this.#parts.workspace.standBy(onExit, ...this.#layers)
    before()
  }

  /** It has been exited. */
  standDown(): void {
    this.#standDown()
  }

  /** Runs one of its actions to the end; it is canceled when the deadline comes, and killed in a hurry. */
  run(step: string, plan: ActionPlan, deadline?: Deadline): Promise<ActionStatus> {
    return this.#run(step, plan, { deadline, kill: this.#parts.instance.hurry })
  }

  /** Asks it something; what `onEnter` has left running stays, also when the action has to be killed. */
  async check(step: string, plan: ActionPlan): Promise<ActionStatus> {
    const { workspace, instance } = this.#parts
    const scope = workspace.createScope(`${instance.label}-check`)
    try {
      return await this.#run(step, plan, { scope, kill: instance.hurry })
    } finally {
      await scope.end()
    }
  }

  /** Runs the last of its actions, in a hurry too, but not for long then. */
  exit(plan: ActionPlan): Promise<ActionStatus> {
    const exits = new HurriedExits(this.#parts.instance.hurry)
    return exits.run(1, (kill) => this.#run('onExit', plan, { kill }))
  }

  async #run(step: string, plan: ActionPlan, limits: Limits): Promise<ActionStatus> {
    const { instance, workspace } = this.#parts
    const { deadline, kill, scope = this.#parts.scope } = limits
    const name = `${step} of ${instance.label}`
    const action = new Action(name, plan, {
      ...workspace.surroundings(),
      scope,
      environment: workspace.environment(...this.#layers),
      defaultGraceMs: environmentGraceMs,
      onEvent: (event) => this.#hear(event, step),
      onLines: (lines) => this.#log.write(lines),
      onNote: (level, text) => this.#log.note(level, text),
    })
    const end = (): void => action.cancel({ graceMs: 0 })
    kill?.addEventListener('abort', end)
    try {
      if (kill?.aborted) end()
      const status = await runUntil(action, deadline)
      this.#log.note('INFO', `${name}: ${describeStatus(status)}`)
      return status
    } finally {
      kill?.removeEventListener('abort', end)
    }
  }

  /** What a failing action leaves for its reader. */
  evidence({ directory }: ActionPlan, status: ActionStatus): ServiceEvidence {
    const { instance, workspace } = this.#parts
    const logFile = this.#log.file.keep(keptLogs(instance.run.stateDirectory))
    // What its processes have written there themselves may tell a secret.
    const logTail = workspace.redactions.text(this.#log.file.tail())
    return {
      label: instance.label,
      directory: directory ?? workspace.directory,
      ended: describeStatus(status),
      logTail,
      logFile,
    }
  }

  #hear(event: ActionEvent, step: string): void {
    if (event.kind === 'message') this.#change(event.message, step)
    else if (step === 'onEnter') this.#tellProgress(event.status)
  }

  #tellProgress(status: ActionStatus): void {
    const { progress, statusMessage } = status
    const isNews = progress !== this.#told?.progress || statusMessage !== this.#told?.statusMessage
    this.#told = status
    if (!isNews) return
    this.#parts.instance.tellProgress({
      ...(progress !== undefined && { percent: progress }),
      ...(statusMessage !== undefined && { message: statusMessage }),
    })
  }

  /** Only entering changes the config: others have read it by the time of the other actions. */
  #change(message: ActionMessage, step: string): void {
    if (message.kind === 'loglevel') this.#log.setLevel(message.level)
    if (step !== 'onEnter') return
    this.#changes.apply(message)
    if (message.kind === 'unset_env') this.#said.delete(message.name)
    if (message.kind !== 'env') return
    this.#said.set(message.name, message.value)
  }
}

async function runUntil(action: Action, deadline: Deadline | undefined): Promise<ActionStatus> {
  if (isOver(action.status.state)) return action.status
  const running = action.run()
  const cancelWith = (signal: AbortSignal): Promise<ActionStatus> => {
    signal.addEventListener('abort', () => action.cancel(), { once: true })
    return running
  }
  // The caller looks at the deadline itself, once the action is over.
  await deadline?.race(cancelWith).catch(() => {})
  return running
}

/** Names that have no such form stay as they are. */
function keyOf(name: string): string {
  const key = camelCase(name)
  return upperSnake(key) === name ? key : name
}

/** The variable of a key: `apiUrl` is `API_URL`. */
export function variableOf(key: string): string {
  return keyOf(upperSnake(key)) === key ? upperSnake(key) : key
}
