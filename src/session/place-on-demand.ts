import type { NamedWorkspaceOptions } from '../action/workspace/workspace.ts'
import { type ServiceEvidence, StateError } from '../kernel/errors.ts'
import { SessionDirectory } from './session-directory.ts'

/** Opens the session's place with the first environment or action: a session with services alone needs no directory. */
export class PlaceOnDemand {
  readonly #options: NamedWorkspaceOptions
  #opening: Promise<SessionDirectory> | undefined
  #place: SessionDirectory | undefined
  #keptLog: string | undefined
  #isClosed = false

  constructor(options: NamedWorkspaceOptions) {
    this.#options = options
  }

  /** Opens the place, once. @throws errors of `Place.open` */
  async open(): Promise<SessionDirectory> {
    this.#opening ??= SessionDirectory.open(this.#options)
    this.#place = await this.#opening
    return this.#place
  }

  /** @throws ERR_STATE when the place has not been opened */
  get made(): SessionDirectory {
    if (this.#place) return this.#place
    throw new StateError('this session has no working directory before its first environment or action')
  }

  /** File with the output of all actions; after the end, the kept copy. @throws ERR_STATE without such a file */
  get logFile(): string {
    if (!this.#isClosed) return this.made.log.file.path
    if (this.#keptLog !== undefined) return this.#keptLog
    throw new StateError('the log of this session is gone: a session keeps it when an action did not succeed')
  }

  /** Copies the log to a place outside the session; returns the path and the last lines, or nothing without a log. */
  keepLog(): Pick<ServiceEvidence, 'logFile' | 'logTail'> {
    if (!this.#place) return {}
    this.#keptLog = this.#place.keepLog()
    return { logFile: this.#keptLog, logTail: this.#place.log.file.tail() }
  }

  /**
   * Closes the place and returns the errors. A failed opening is left out: its action has reported the error already.
   */
  async close(): Promise<Error[]> {
    const place = await this.#opening?.catch(() => undefined)
    this.#isClosed = true
    return (await place?.close()) ?? []
  }
}
