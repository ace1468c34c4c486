/** A fixture with methods of its own. */
import type { ServiceDefinition } from 'test-services'
import { defineService, ExternalService, type ServiceOptions, StateError } from 'test-services/fixture'

interface NotesConfig {
  readonly url: string
  readonly password?: string
}

class Notes extends ExternalService<NotesConfig> {
  readonly limit = 3
  #kept: unknown[] | undefined

  async onStart(): Promise<NotesConfig> {
    return { url: 'notes:', password: 'secret-of-notes' }
  }

  configFromVariables(): NotesConfig {
    return { url: 'notes:' }
  }

  async onCheck(): Promise<void> {}

  async onReset(): Promise<void> {
    this.#kept = undefined
  }

  async keep(...values: unknown[]): Promise<void> {
    this.#kept = values
  }

  async recall(): Promise<unknown[] | undefined> {
    return this.#kept
  }

  async refuse(): Promise<void> {
    throw new StateError('there is no room')
  }

  /** Returns what cannot pass between threads. */
  async make(): Promise<() => void> {
    return () => {}
  }
}

interface NotesDefinition extends ServiceDefinition<NotesConfig> {
  create(options: ServiceOptions): Notes
}

export function notes(): NotesDefinition {
  const create = (options: ServiceOptions): Notes => new Notes(options)
  return { ...defineService({ kind: 'notes', create }), create }
}
