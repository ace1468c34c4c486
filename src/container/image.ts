import { ContainerError } from '../kernel/errors.ts'
import type { Engine } from './engine.ts'
import { reasonIn } from './engine.ts'

/** An image in the engine. */
export interface Image {
  readonly name: string
  /** Name by the content: `sha256:…`. */
  readonly id: string
  /** Version of the program in the image, if known; see `versionOfImage`. */
  readonly version: string | undefined
  /** TCP ports exposed by the image. */
  readonly ports: readonly number[]
}

interface Inspected {
  readonly Id: string
  readonly Config?: {
    readonly Env?: readonly string[] | null
    readonly Labels?: Readonly<Record<string, string>> | null
    readonly ExposedPorts?: Readonly<Record<string, unknown>> | null
  } | null
}

/** Returns the image; `undefined` if the engine does not have the image. Nothing is pulled. */
export async function findImage(engine: Engine, name: string, signal?: AbortSignal): Promise<Image | undefined> {
  const { status, body } = await engine.ask(`/images/${encodeURIComponent(name)}/json`, { signal })
  if (status === 404) return undefined
  if (status >= 400) throw new ContainerError(`the container engine at ${engine.url} refuses: ${reasonIn(body)}`)
  const { Id: id, Config: config } = body as Inspected
  const exposed = Object.keys(config?.ExposedPorts ?? {}).flatMap((port) => /^(\d+)(\/tcp)?$/.exec(port)?.[1] ?? [])
  return { name, id, version: versionOfImage(name, config ?? {}), ports: exposed.map(Number) }
}

/** Returns the image. @throws ERR_CONTAINER saying how to get the image; ERR_CANCELED */
export async function requireImage(engine: Engine, name: string, signal?: AbortSignal): Promise<Image> {
  const image = await findImage(engine, name, signal)
  if (image) return image
  throw new ContainerError(
    `the container engine at ${engine.url} has no image ${name}, and none is pulled during a test: ` +
      `"docker pull ${name}" or "podman pull ${name}" gets it`,
  )
}

/**
 * Returns the version of the program in an image: from a variable such as REDIS_VERSION in official images, from the
 * label of the OCI, or from the tag.
 */
function versionOfImage(name: string, { Env, Labels }: NonNullable<Inspected['Config']>): string | undefined {
  const base = /([^/:@]+)(?::[^/]*)?(?:@.*)?$/.exec(name)?.[1]?.toUpperCase().replaceAll(/\W/g, '_') ?? ''
  const variable = Env?.find((each) => each.startsWith(`${base}_VERSION=`))?.replace(/^.*?=(\d+:)?v?/, '')
  const tag = /:v?(\d[^/:@]*)(?:@.*)?$/.exec(name)?.[1]
  return variable ?? Labels?.['org.opencontainers.image.version'] ?? tag
}
