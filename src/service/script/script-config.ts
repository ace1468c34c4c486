import type { Endpoints } from '../../action/action-plan.ts'
import type { ActionMessage } from '../../action/output/message.ts'
import { VariableChanges, type VariableLayer } from '../../action/workspace/variable-changes.ts'
import { readableText } from '../../kernel/undecodable.ts'
import { camelCase, upperSnake } from '../options/label.ts'
import { portConfig } from './service-ports.ts'

/** Values reported by the script: `openjd_env: API_URL=…` becomes `apiUrl`. */
export type ScriptConfig = Readonly<Record<string, string>>

/**
 * The variables of a script: the declared variables, and the variables reported by `onEnter`, which clients get, too.
 */
export class ReportedVariables {
  readonly #changes: VariableChanges
  /** Reported variables, by name. */
  readonly #said = new Map<string, string>()

  constructor(declared: VariableLayer) {
    this.#changes = new VariableChanges(declared)
  }

  /** Variables for the actions. */
  get layer(): VariableLayer {
    return this.#changes.layer
  }

  /** Values to hide from people. */
  get secrets(): readonly string[] {
    return this.#changes.secrets
  }

  /** Config for the clients: ports and reported values. */
  config(ports: Endpoints): ScriptConfig {
    const said = Object.fromEntries([...this.#said].map(([name, value]) => [keyOf(name), value]))
    return { ...portConfig(ports), ...said }
  }

  /** Applies a message that sets or unsets a variable. ActionRunner get the original bytes, clients the decoded text. */
  take(message: ActionMessage): void {
    this.#changes.apply(message)
    if (message.kind === 'unset_env') this.#said.delete(message.name)
    if (message.kind === 'env') this.#said.set(message.name, readableText(message.value))
  }
}

/** Returns the key of a variable. A name without a camelCase form stays unchanged. */
function keyOf(name: string): string {
  const key = camelCase(name)
  return upperSnake(key) === name ? key : name
}

/** Returns the variable of a key: `API_URL` for `apiUrl`. */
export function variableOf(key: string): string {
  return keyOf(upperSnake(key)) === key ? upperSnake(key) : key
}
