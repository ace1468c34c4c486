import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ContainerError } from '../kernel/errors.ts'

/** How to connect to a container engine. */
export type EngineAddress =
  | { readonly url: string; readonly socketPath: string }
  | { readonly url: string; readonly host: string; readonly port: number; readonly certificates?: string | undefined }

const defaultPort = 2375

/**
 * Returns the address in DOCKER_HOST or CONTAINER_HOST, or else the existing sockets among the usual sockets.
 *
 * @throws ERR_CONTAINER for an unsupported kind of address
 * @see https://docs.docker.com/reference/cli/docker/#environment-variables
 */
export function engineAddresses(environment: NodeJS.ProcessEnv = process.env): EngineAddress[] {
  const named = environment.DOCKER_HOST || environment.CONTAINER_HOST
  if (named) return [parseAddress(named, environment)]
  const sockets = usualSockets(environment).filter((path) => existsSync(path))
  return [...new Set(sockets)].map((socketPath) => ({ url: `unix://${socketPath}`, socketPath }))
}

/** Returns the variables needed by a process, beside the address, to reach an engine. */
export function engineVariables(environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const names = ['HOME', 'DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH']
  return Object.fromEntries(names.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])))
}

export function parseAddress(url: string, environment: NodeJS.ProcessEnv = process.env): EngineAddress {
  const { protocol, hostname, port, pathname } = URL.canParse(url) ? new URL(url) : { ...blank, pathname: url }
  if (protocol === 'unix:') return { url, socketPath: decodeURIComponent(pathname) }
  if (protocol === 'tcp:' || protocol === 'http:') {
    const certificates = environment.DOCKER_TLS_VERIFY ? certificatesIn(environment) : undefined
    return { url, host: hostname, port: Number(port || defaultPort), certificates }
  }
  throw new ContainerError(
    `cannot use the container engine at ${url}: expected unix:///path/to/socket or tcp://host:port in DOCKER_HOST`,
  )
}

const blank = { protocol: '', hostname: '', port: '' }

function certificatesIn({ DOCKER_CERT_PATH }: NodeJS.ProcessEnv): string {
  return DOCKER_CERT_PATH ?? join(homedir(), '.docker')
}

/** Returns the sockets of Docker, its desktop programs, and Podman; sockets of the user come before sockets of root. */
function usualSockets({ XDG_RUNTIME_DIR, HOME = homedir() }: NodeJS.ProcessEnv): string[] {
  const runtime = XDG_RUNTIME_DIR ?? `/run/user/${process.getuid?.() ?? 0}`
  return [
    ...['/var/run/docker.sock', join(runtime, 'docker.sock')],
    ...['.docker/run/docker.sock', '.orbstack/run/docker.sock', '.colima/default/docker.sock', '.rd/docker.sock'].map(
      (path) => join(HOME, path),
    ),
    ...[join(runtime, 'podman/podman.sock'), '/run/podman/podman.sock'],
    join(HOME, '.local/share/containers/podman/machine/podman.sock'),
  ]
}
