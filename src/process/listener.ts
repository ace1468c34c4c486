import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { descendantsOf, readProcessTable } from './process-table.ts'
import { unlessGone } from './unless-gone.ts'

const listening = '0A'

/** Who answers on a port of this machine: the process in question at one of these addresses, or somebody else. */
export type Listener = '127.0.0.1' | '::1' | 'foreign'

interface Row {
  readonly address: string
  readonly inode: string
}

/** As the tables write them: loopback, any address, and, of IPv6, any address, which serves IPv4 as well. */
const ipv4 = ['0100007F', '00000000', '0'.repeat(32)] as const
const ipv6 = ['00000000000000000000000001000000', '0'.repeat(32)] as const

/**
 * Whether a connection to the port gets to this process, or one below it, over IPv4 or else over IPv6; the most specific
 * address wins, as in the kernel. `undefined` where nobody listens, or where the system does not tell: on macOS, and of
 * a process whose descriptors are not ours to read.
 *
 * @see proc_pid_net(5): column 2 is the local address in hexadecimal, 4 the state, 10 the inode
 */
export function findListener(port: number, pid: number): Listener | undefined {
  if (process.platform !== 'linux') return undefined
  const rows = listenersOf(port)
  const [row4] = ipv4.flatMap((address) => rows.find((row) => row.address === address) ?? [])
  const row = row4 ?? ipv6.flatMap((address) => rows.find((each) => each.address === address) ?? [])[0]
  if (!row) return undefined
  const isOurs = owns(row.inode, pid)
  if (isOurs === undefined) return undefined
  if (!isOurs) return 'foreign'
  return row4 ? '127.0.0.1' : '::1'
}

/** Whether the process, or one below it, has the socket; `undefined` if one of them could not be asked. */
function owns(inode: string, pid: number): boolean | undefined {
  const lists = [...descendantsOf([pid], readProcessTable())].map(socketsOf)
  if (lists.some((sockets) => sockets?.includes(`socket:[${inode}]`))) return true
  return lists.includes(undefined) ? undefined : false
}

function listenersOf(port: number): Row[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(readLines).map((row) => row.trim().split(/\s+/))
  return rows
    .filter(([, local, , state]) => local?.endsWith(suffix) && state === listening)
    .map((row) => ({ address: row[1]?.split(':')[0] ?? '', inode: row[9] ?? '' }))
}

/** A table is missing where the kernel has no IPv6. */
function readLines(path: string): string[] {
  return unlessGone(() => readFileSync(path, 'latin1').split('\n').slice(1)) ?? []
}

function socketsOf(pid: number): string[] | undefined {
  const directory = `/proc/${pid}/fd`
  const names = unlessGone(() => readdirSync(directory))
  return names?.flatMap((name) => unlessGone(() => readlinkSync(`${directory}/${name}`)) ?? [])
}
