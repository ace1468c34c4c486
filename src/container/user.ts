import type { UserIds } from '../kernel/user-ids.ts'
import type { Engine } from './engine.ts'

interface Info {
  /** Podman says so. */
  readonly Rootless?: boolean
  /** Docker says so: `name=rootless`. */
  readonly SecurityOptions?: readonly string[] | null
}

/**
 * Returns the user inside a container who owns the files of a user of this machine. An engine without root maps its own
 * user to root.
 */
export async function userInContainer(engine: Engine, { uid, gid }: UserIds): Promise<string> {
  if (uid === 0) return '0:0'
  const { Rootless, SecurityOptions } = (await engine.require('/info')) as Info
  return Rootless || SecurityOptions?.includes('name=rootless') ? '0:0' : `${uid}:${gid}`
}
