import type { WorkspaceOptions } from '../action/workspace.ts'
import { StateError } from '../kernel/errors.ts'
import { Place } from './place.ts'

/** Made with the first environment or action, since a session of services needs none. */
export class PlaceOnDemand {
  readonly #options: WorkspaceOptions
  #opening: Promise<Place> | undefined
  #place: Place | undefined

  constructor(options: WorkspaceOptions) {
    this.#options = options
  }

  /** @throws what `Place.open` throws */
  async open(): Promise<Place> {
    this.#opening ??= Place.open(this.#options)
    this.#place = await this.#opening
    return this.#place
  }

  /** @throws ERR_STATE when it has not been made */
  get made(): Place {
    if (this.#place) return this.#place
    throw new StateError('this session has no working directory before its first environment or action')
  }

  /** Gives the errors. One that could not be made has told so to the action that wanted it. */
  async close(options: { readonly keepsLog: boolean }): Promise<Error[]> {
    const place = await this.#opening?.catch(() => undefined)
    return (await place?.close(options)) ?? []
  }
}
