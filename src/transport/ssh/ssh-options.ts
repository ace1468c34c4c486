import { statSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'

import { parseOptions } from '../../service/options/parse-options.ts'
import { portSchema } from '../../service/options/port-schema.ts'

export interface SshOptions {
  /** Name or address of the machine. */
  readonly host: string
  /** Default: 22. */
  readonly port?: number | undefined
  /** Default: the present user. */
  readonly user?: string | undefined
  /** Paths of private keys. Default: the existing files among `id_ed25519`, `id_ecdsa` and `id_rsa` in `~/.ssh`. */
  readonly key?: string | readonly string[] | undefined
  /** Passphrase of the private keys. */
  readonly passphrase?: string | undefined
  /** Socket of an agent; `false` for none. Default: `SSH_AUTH_SOCK`. */
  readonly agent?: string | false | undefined
  readonly password?: string | undefined
  /**
   * Files with known host keys; `false` accepts any key. Default: `~/.ssh/known_hosts`,
   * `/etc/ssh/ssh_known_hosts`.
   */
  readonly knownHosts?: string | readonly string[] | false | undefined
}

/** Options with their defaults. */
export interface SshTarget {
  readonly host: string
  readonly port: number
  readonly user: string
  /** `ssh://user@host:22` */
  readonly name: string
  readonly keys: readonly string[]
  readonly passphrase: string | undefined
  readonly agent: string | undefined
  readonly password: string | undefined
  /** `undefined`: any host key is accepted. */
  readonly knownHosts: readonly string[] | undefined
}

const paths = v.union([v.string(), v.array(v.string())])

/** Schema of `SshOptions`. */
export const sshOptionsSchema = v.strictObject({
  host: v.pipe(v.string(), v.regex(/^[^\s@/]+$/, 'a name or an address, without a user')),
  port: v.optional(portSchema),
  user: v.optional(v.pipe(v.string(), v.nonEmpty())),
  key: v.optional(paths),
  passphrase: v.optional(v.string()),
  agent: v.optional(v.union([v.string(), v.literal(false)])),
  password: v.optional(v.string()),
  knownHosts: v.optional(v.union([...paths.options, v.literal(false)])),
})

const defaultPort = 22

/** Checks options, and adds the defaults. @throws ERR_CONFIG */
export function sshTarget(options: SshOptions): SshTarget {
  parseOptions(sshOptionsSchema, options, 'ssh()')
  const { host, port = defaultPort, user = userInfo().username, passphrase, password } = options
  const { agent = process.env.SSH_AUTH_SOCK, knownHosts = defaultKnownHosts() } = options
  const shownHost = host.includes(':') ? `[${host}]` : host
  return {
    host,
    port,
    user,
    name: `ssh://${user}@${shownHost}:${port}`,
    keys: options.key === undefined ? defaultKeys() : [options.key].flat(),
    passphrase,
    agent: agent || undefined,
    password,
    knownHosts: knownHosts === false ? undefined : [knownHosts].flat(),
  }
}

function inHome(name: string): string {
  return join(homedir(), '.ssh', name)
}

function defaultKnownHosts(): string[] {
  return [inHome('known_hosts'), '/etc/ssh/ssh_known_hosts']
}

function defaultKeys(): string[] {
  const candidates = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map(inHome)
  return candidates.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
}
