import { asError, ContainerError } from '../kernel/errors.ts'
import { engineAddresses } from './addresses.ts'
import { Engine } from './engine.ts'

/** An engine on this machine answers within milliseconds; a virtual machine may have to wake up. */
const pingLimitMs = 3_000

/**
 * Returns the first container engine with an answer.
 *
 * @throws ERR_CONTAINER with the addresses tried, and advice how to get an engine; the reason of the signal
 */
export async function findEngine(environment: NodeJS.ProcessEnv = process.env, signal?: AbortSignal): Promise<Engine> {
  const failures: string[] = []
  for (const { url } of engineAddresses(environment)) {
    const engine = new Engine(url)
    try {
      await engine.require('/_ping', { limitMs: pingLimitMs, signal })
      return engine
    } catch (thrown) {
      signal?.throwIfAborted()
      failures.push(asError(thrown).message)
    }
  }
  const tried = failures.length > 0 ? failures.join('; ') : 'there is no socket of Docker or Podman'
  throw new ContainerError(
    `${tried}: start Docker, or "podman system service --time 0", or name the socket in DOCKER_HOST`,
  )
}
