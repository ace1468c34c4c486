import type { ContainerError } from '../../kernel/errors.ts'

/** Result of a search at one origin: the servers found there, the best one first, or the reason why there is none. */
export type Candidates = readonly Candidate[] | Missing

interface Missing {
  readonly missing: string
  /** The error for a user who demands a container. */
  readonly error?: ContainerError
}

/** A server before its version is checked. */
export interface Candidate {
  /** Absolute path of the program, or of the directory of the npm package; in an image, the name of the program. */
  readonly path: string
  readonly tools: ReadonlyMap<string, string>
  /** The image that contains the program. */
  readonly image?: string
  /** Name of the image by its content. */
  readonly imageId?: string
  /** Returns the version; `undefined` if the description does not say how to learn the version. */
  askVersion(): Promise<string | undefined>
}
