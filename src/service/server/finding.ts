import type { ContainerError } from '../../kernel/errors.ts'

/** Result of a search at an origin: the servers found, the best server first, or the reason for finding none. */
export type Candidates = readonly Candidate[] | Missing

interface Missing {
  readonly missing: string
  /** The error for a user who demands a container. */
  readonly error?: ContainerError
}

/** A server before the check of the version. */
export interface Candidate {
  /** Absolute path of the program, or of the directory of the npm package; in an image, the name of the program. */
  readonly path: string
  readonly tools: ReadonlyMap<string, string>
  /** The image with the program. */
  readonly image?: string
  /** Name of the image by content. */
  readonly imageId?: string
  /** Returns the version; `undefined` if the description does not say how to learn the version. */
  askVersion(): Promise<string | undefined>
}
