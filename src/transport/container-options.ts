import * as v from 'valibot'
import type { ContainerPlace } from './container-command.ts'

/** Options of `inContainer`. */
export interface ContainerOptions extends ContainerPlace {
  /** Address of the engine: `unix:///run/podman/podman.sock`. Default: as for services. */
  readonly engine?: string | undefined
}

/** Schema of `ContainerOptions`. */
export const containerOptionsSchema = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[\w.-]+$/, 'the name of a container')),
  engine: v.optional(v.string()),
  user: v.optional(v.string()),
})
