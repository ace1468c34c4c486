import { readableText } from '../kernel/undecodable.ts'
import type { ActionMessage } from './message.ts'

/** Variables to set; `null` unsets what lower layers have set. */
export type VariableLayer = Readonly<Record<string, string | null>>

/** One environment for a process, of layers from low to high. */
export function mergeLayers(...layers: readonly VariableLayer[]): Record<string, string> {
  const merged: Record<string, string | null> = Object.assign({}, ...layers)
  return Object.fromEntries(Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== null))
}

/** What an environment changes: the variables that it declares, then what its actions say. */
export class VariableChanges {
  readonly #layer: Map<string, string | null>
  /** The values among them that no text for people may show. */
  readonly secrets: string[] = []

  constructor(declared: VariableLayer = {}) {
    this.#layer = new Map(Object.entries(declared))
  }

  get layer(): VariableLayer {
    return Object.fromEntries(this.#layer)
  }

  /** Gives the variable that the message changes, `null` for one that it unsets; nothing for other messages. */
  apply(message: ActionMessage): VariableLayer | undefined {
    if (message.kind !== 'env' && message.kind !== 'unset_env') return undefined
    const value = message.kind === 'env' ? message.value : null
    this.#layer.set(message.name, value)
    if (message.kind === 'env' && message.isSecret) this.secrets.push(readableText(message.value))
    return { [message.name]: value }
  }
}
