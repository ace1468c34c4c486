import type { Endpoints } from '../action/action-plan.ts'
import type { ActionMessage } from '../action/message.ts'
import { VariableChanges, type VariableLayer } from '../action/variable-changes.ts'
import { readableText } from '../kernel/undecodable.ts'
import { camelCase, upperSnake } from './label.ts'
import { portConfig } from './service-ports.ts'

/** What the script has said of itself: `openjd_env: API_URL=…` is `apiUrl`. */
export type ScriptConfig = Readonly<Record<string, string>>

/** The variables of a script: those that it declares, and those that its `onEnter` says, which clients get too. */
export class SaidVariables {
  readonly #changes: VariableChanges
  /** By the names that it said. */
  readonly #said = new Map<string, string>()

  constructor(declared: VariableLayer) {
    this.#changes = new VariableChanges(declared)
  }

  /** For its actions. */
  get layer(): VariableLayer {
    return this.#changes.layer
  }

  /** The values that no text for people may show. */
  get secrets(): readonly string[] {
    return this.#changes.secrets
  }

  /** For its clients: where its ports are, and what it said. */
  config(ports: Endpoints): ScriptConfig {
    const said = Object.fromEntries([...this.#said].map(([name, value]) => [keyOf(name), value]))
    return { ...portConfig(ports), ...said }
  }

  /** Takes a line that sets a variable, or unsets one. Actions get its bytes, clients the text of them. */
  take(message: ActionMessage): void {
    this.#changes.apply(message)
    if (message.kind === 'unset_env') this.#said.delete(message.name)
    if (message.kind === 'env') this.#said.set(message.name, readableText(message.value))
  }
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
