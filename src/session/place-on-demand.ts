import type { NamedWorkspaceOptions } from '../action/workspace.ts'
import { type ServiceEvidence, StateError } from '../kernel/errors.ts'
import { Place } from './place.ts'

/** Made with the first environment or action, since a session of services needs none. */
export class PlaceOnDemand {
  readonly #options: NamedWorkspaceOptions
  #opening: Promise<Place> | undefined
  #place: Place | undefined
  #keptLog: string | undefined
  #isClosed = false

  constructor(options: NamedWorkspaceOptions) {
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

  /** The output of all actions: after the end, the copy that was kept. @throws ERR_STATE when there is none */
  get logFile(): string {
    if (!this.#isClosed) return this.made.log.file.path
    if (this.#keptLog !== undefined) return this.#keptLog
    throw new StateError('the log of this session is gone: a session keeps it when an action did not succeed')
  }

  /** Copies the log to where it outlives the session, and gives the copy and its end; nothing when there is none. */
  keepLog(): Pick<ServiceEvidence, 'logFile' | 'logTail'> {
    if (!this.#place) return {}
    this.#keptLog = this.#place.keepLog()
    return { logFile: this.#keptLog, logTail: this.#place.log.file.tail() }
  }

  /** Gives the errors. One that could not be made has told so to the action that wanted it. */
  async close(): Promise<Error[]> {
    const place = await this.#opening?.catch(() => undefined)
    this.#isClosed = true
    return (await place?.close()) ?? []
  }
}
