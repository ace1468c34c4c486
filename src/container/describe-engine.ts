import { findEngine } from './find-engine.ts'

/** The used part of the answer to `GET /version`. */
interface Version {
  readonly Version?: string
  readonly Components?: readonly { readonly Name?: string }[] | null
}

const answerLimitMs = 3_000

/** Returns the container engine for people: `Podman 5.4.2 at unix:///run/podman/podman.sock`. @throws ERR_CONTAINER */
export async function describeEngine(environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const engine = await findEngine(environment)
  const { Version: version = '', Components } = Object(
    await engine.require('/version', { limitMs: answerLimitMs }),
  ) as Version
  const isPodman = Components?.some(({ Name: name = '' }) => name.startsWith('Podman')) ?? false
  return `${isPodman ? 'Podman' : 'Docker'} ${version} at ${engine.url}`
}
