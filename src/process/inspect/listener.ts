import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { valueUnless } from '../../kernel/value-unless.ts'
import { descendantsOf, readProcessTable } from './process-table.ts'
import { unlessUnreadable } from './unless-unreadable.ts'

const listening = '0A'

/**
 * Owner of the socket that answers on a port of this machine: the process in question, at one of these addresses; a
 * foreign process; or `unreadable` while the descriptors of the process in question cannot be read.
 */
export type Listener = '127.0.0.1' | '::1' | 'foreign' | 'unreadable'

interface Row {
  readonly address: string
  readonly port: number
  readonly inode: string
}

/**
 * Addresses in the notation of the tables: loopback, any address, and the IPv6 address for any, which serves IPv4 as
 * well.
 */
const ipv4 = ['0100007F', '00000000', '0'.repeat(32)] as const
const ipv6 = ['00000000000000000000000001000000', '0'.repeat(32)] as const

/**
 * Tells whether a connection to the port reaches this process or a descendant, over IPv4 or else over IPv6; the most
 * specific address wins, as in the kernel. Returns `undefined` if nobody listens on loopback, and on macOS.
 *
 * A process is `unreadable` for a moment around each exec, even to its own user: ask again.
 *
 * @see proc_pid_net(5): column 2 is the local address in hexadecimal, 4 the state, 10 the inode
 */
export function findListener(port: number, pid: number): Listener | undefined {
  if (process.platform !== 'linux') return undefined
  const rows = listeners().filter((row) => row.port === port)
  const [row4] = ipv4.flatMap((address) => rows.find((row) => row.address === address) ?? [])
  const row = row4 ?? ipv6.flatMap((address) => rows.find((each) => each.address === address) ?? [])[0]
  if (!row) return undefined
  const isOurs = owns(row.inode, pid)
  if (isOurs === undefined) return 'unreadable'
  if (!isOurs) return 'foreign'
  return row4 ? '127.0.0.1' : '::1'
}

/**
 * Returns the ports on which this process or a descendant listens, as far as this user can read them; none on macOS.
 */
export function portsOf(pid: number): number[] {
  if (process.platform !== 'linux') return []
  const sockets = new Set([...descendantsOf([pid], readProcessTable())].flatMap((each) => socketsOf(each) ?? []))
  const own = listeners().filter(({ inode }) => sockets.has(`socket:[${inode}]`))
  return [...new Set(own.map(({ port }) => port))].toSorted((a, b) => a - b)
}

/** Returns a process that listens on the port; `undefined` if this user cannot read the owner, and on macOS. */
export function ownerOf(port: number): number | undefined {
  if (process.platform !== 'linux') return undefined
  const sockets = listeners().flatMap((row) => (row.port === port ? `socket:[${row.inode}]` : []))
  return [...readProcessTable().keys()].find((pid) => socketsOf(pid)?.some((socket) => sockets.includes(socket)))
}

/** Whether the process or a descendant has the socket; `undefined` if the descriptors of any of them cannot be read. */
function owns(inode: string, pid: number): boolean | undefined {
  const lists = [...descendantsOf([pid], readProcessTable())].map(socketsOf)
  if (lists.some((sockets) => sockets?.includes(`socket:[${inode}]`))) return true
  return lists.includes(undefined) ? undefined : false
}

function listeners(): Row[] {
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(readLines).map((row) => row.trim().split(/\s+/))
  return rows.filter(([, , , state]) => state === listening).map(toRow)
}

function toRow([, local = '', , , , , , , , inode = '']: readonly string[]): Row {
  const [address = '', port = ''] = local.split(':')
  return { address, port: Number.parseInt(port, 16), inode }
}

/** Lines of a table; empty if the table is missing, as on a kernel without IPv6. */
function readLines(path: string): string[] {
  return unlessUnreadable(() => readFileSync(path, 'latin1').split('\n').slice(1)) ?? []
}

function socketsOf(pid: number): string[] | undefined {
  const directory = `/proc/${pid}/fd`
  // A descriptor may have been closed meanwhile.
  const readLink = (name: string) => valueUnless(['ENOENT'], () => readlinkSync(`${directory}/${name}`))
  return unlessUnreadable(() => readdirSync(directory).flatMap((name) => readLink(name) ?? []))
}
