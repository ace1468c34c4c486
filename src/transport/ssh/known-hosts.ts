import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { valueUnless } from '../../kernel/value-unless.ts'

/** A line of a file of known hosts. */
interface KnownHost {
  readonly marker: string | undefined
  readonly hosts: readonly string[]
  readonly type: string
  /** Base64. */
  readonly key: string
  /** `path:line`, for messages. */
  readonly place: string
}

/** The verdict of the files on a host key. */
export type HostKeyVerdict =
  | { readonly kind: 'known' | 'unknown' }
  | { readonly kind: 'changed' | 'revoked'; readonly place: string }

/** The known keys of a host. Lines of certificate authorities are not used. */
export class KnownHosts {
  readonly #entries: readonly KnownHost[]

  /** @param name `host`, or `[host]:port` for a port other than 22 */
  constructor(files: readonly string[], name: string) {
    const entries = files.flatMap(readEntries)
    this.#entries = entries.filter(({ hosts, marker }) => marker !== '@cert-authority' && matches(hosts, name))
  }

  /** Types of the known keys, such as `ssh-ed25519`: the host is asked for a key of a known type. */
  get types(): string[] {
    return [...new Set(this.#entries.filter(({ marker }) => marker === undefined).map(({ type }) => type))]
  }

  judge(key: Buffer): HostKeyVerdict {
    const text = key.toString('base64')
    const same = this.#entries.filter((entry) => entry.key === text)
    const revoked = same.find(({ marker }) => marker === '@revoked')
    if (revoked) return { kind: 'revoked', place: revoked.place }
    if (same.length > 0) return { kind: 'known' }
    const other = this.#entries.find(({ marker, type }) => marker === undefined && type === keyType(key))
    return other ? { kind: 'changed', place: other.place } : { kind: 'unknown' }
  }
}

/** Returns the name of a host in files of known hosts. */
export function knownHostName(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`
}

/** Returns the fingerprint in the notation of OpenSSH: `SHA256:…`. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/** @see RFC 4253, section 6.6: a key begins with the length and the name of its type */
function keyType(key: Buffer): string {
  return key.toString('latin1', 4, 4 + key.readUInt32BE(0))
}

function readEntries(file: string): KnownHost[] {
  const text = valueUnless(['ENOENT', 'EACCES', 'ENOTDIR'], () => readFileSync(file, 'utf8')) ?? ''
  return text.split('\n').flatMap((line, index) => parseLine(line.trim(), `${file}:${index + 1}`))
}

/** @see sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT" */
function parseLine(line: string, place: string): KnownHost[] {
  if (line === '' || line.startsWith('#')) return []
  const fields = line.split(/\s+/)
  const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined
  const [hosts, type, key] = fields
  return hosts && type && key ? [{ marker, hosts: hosts.split(','), type, key, place }] : []
}

function matches(patterns: readonly string[], name: string): boolean {
  const isExcluded = patterns.some((pattern) => pattern.startsWith('!') && matchesOne(pattern.slice(1), name))
  return !isExcluded && patterns.some((pattern) => matchesOne(pattern, name))
}

function matchesOne(pattern: string, name: string): boolean {
  if (pattern.startsWith('|1|')) return matchesHash(pattern, name)
  const source = pattern.toLowerCase().replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(name)
}

/** `|1|salt|hash`: the HMAC of the name. */
function matchesHash(pattern: string, name: string): boolean {
  const [, , salt = '', hash] = pattern.split('|')
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash
}
