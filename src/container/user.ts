import type { UserIds } from '../kernel/user-ids.ts'
import type { Engine } from './engine.ts'

interface Info {
  /** Set by Podman. */
  readonly Rootless?: boolean
  /** Set by Docker: `name=rootless`. */
  readonly SecurityOptions?: readonly string[] | null
}

/**
 * Returns the user inside a container for the files of a user of this machine. An engine without root maps the user of
 * the engine to root.
 */
export async function userInContainer(engine: Engine, { uid, gid }: UserIds): Promise<string> {
  if (uid === 0) return '0:0'
  const { Rootless, SecurityOptions } = (await engine.require('/info')) as Info
  return Rootless || SecurityOptions?.includes('name=rootless') ? '0:0' : `${uid}:${gid}`
}
