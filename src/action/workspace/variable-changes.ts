import { readableText } from '../../kernel/undecodable.ts'
import type { ActionMessage } from '../output/message.ts'

/** Variables to set; `null` unsets a variable of lower layers. */
export type VariableLayer = Readonly<Record<string, string | null>>

/** Merges layers, from low to high, into the environment of a process. */
export function mergeLayers(...layers: readonly VariableLayer[]): Record<string, string> {
  const merged: Record<string, string | null> = Object.assign({}, ...layers)
  return Object.fromEntries(Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== null))
}

/** The variables changed by an environment: declared variables first, then the messages of its actions. */
export class VariableChanges {
  readonly #layer: Map<string, string | null>
  /** Secret values, hidden in every text for people. */
  readonly secrets: string[] = []

  constructor(declared: VariableLayer = {}) {
    this.#layer = new Map(Object.entries(declared))
  }

  get layer(): VariableLayer {
    return Object.fromEntries(this.#layer)
  }

  /** Applies a message. Returns the changed variable, with `null` for unset; `undefined` for unrelated messages. */
  apply(message: ActionMessage): VariableLayer | undefined {
    if (message.kind !== 'env' && message.kind !== 'unset_env') return undefined
    const value = message.kind === 'env' ? message.value : null
    this.#layer.set(message.name, value)
    if (message.kind === 'env' && message.isSecret) this.secrets.push(readableText(message.value))
    return { [message.name]: value }
  }
}
