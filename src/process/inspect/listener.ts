import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs'
import { valueUnless } from '../../kernel/value-unless.ts'
import { readProcessTable, withDescendants } from './process-table.ts'
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
 * Addresses in the notation of the tables, in the order of their turn: loopback, any address, the IPv6 address for any,
 * which serves IPv4 as well, and IPv6 loopback.
 */
const addresses = ['0100007F', '00000000', '0'.repeat(32), '00000000000000000000000001000000'] as const

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
  const row = rowOf(port)
  if (!row) return undefined
  const isOurs = owns(row.inode, pid)
  if (isOurs === undefined) return 'unreadable'
  if (!isOurs) return 'foreign'
  return row.address === addresses[3] ? '::1' : '127.0.0.1'
}

function rowOf(port: number): Row | undefined {
  const turns: (Row | undefined)[] = []
  for (const row of listeners()) {
    const turn = row.port === port ? addresses.indexOf(row.address) : -1
    if (turn >= 0) turns[turn] = row
    if (turn === 0) break
  }
  return turns.find((row) => row !== undefined)
}

/**
 * Returns the ports on which this process or a descendant listens, as far as this user can read them; none on macOS.
 */
export function portsOf(pid: number): number[] {
  if (process.platform !== 'linux') return []
  const sockets = new Set([...withDescendants([pid], readProcessTable())].flatMap((each) => socketsOf(each) ?? []))
  const own = [...listeners()].filter(({ inode }) => sockets.has(`socket:[${inode}]`))
  return [...new Set(own.map(({ port }) => port))].toSorted((a, b) => a - b)
}

/** Returns a process that listens on the port; `undefined` if this user cannot read the owner, and on macOS. */
export function ownerOf(port: number): number | undefined {
  if (process.platform !== 'linux') return undefined
  const sockets = [...listeners()].flatMap((row) => (row.port === port ? `socket:[${row.inode}]` : []))
  return [...readProcessTable().keys()].find((pid) => socketsOf(pid)?.some((socket) => sockets.includes(socket)))
}

/** Whether the process or a descendant has the socket; `undefined` if the descriptors of any of them cannot be read. */
function owns(inode: string, pid: number): boolean | undefined {
  const has = (sockets: string[] | undefined): boolean => sockets?.includes(`socket:[${inode}]`) ?? false
  if (has(socketsOf(pid))) return true
  const lists = [...withDescendants([pid], readProcessTable())].map(socketsOf)
  if (lists.some(has)) return true
  return lists.includes(undefined) ? undefined : false
}

function* listeners(): Generator<Row> {
  for (const path of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readLines(path)) {
      const fields = line.trim().split(/\s+/)
      if (fields[3] === listening) yield toRow(fields)
    }
  }
}

function toRow([, local = '', , , , , , , , inode = '']: readonly string[]): Row {
  const [address = '', port = ''] = local.split(':')
  return { address, port: Number.parseInt(port, 16), inode }
}

/** Length of a line of `/proc/net/tcp`. */
const lineLength = 150

/**
 * Yields the lines of a table; none if the table is missing, as on a kernel without IPv6. Reads line by line: the kernel
 * lists the listeners first, and then takes milliseconds to look for connections.
 *
 * @see https://docs.kernel.org/networking/proc_net_tcp.html
 */
function* readLines(path: string): Generator<string> {
  const descriptor = unlessUnreadable(() => openSync(path, 'r'))
  if (descriptor === undefined) return
  try {
    const buffer = Buffer.alloc(lineLength)
    let text = ''
    for (let length = -1; length !== 0; ) {
      length = readSync(descriptor, buffer)
      const lines = (text + buffer.toString('latin1', 0, length)).split('\n')
      text = lines.pop() ?? ''
      yield* lines
    }
  } finally {
    closeSync(descriptor)
  }
}

function socketsOf(pid: number): string[] | undefined {
  const directory = `/proc/${pid}/fd`
  // A descriptor may have been closed meanwhile.
  const readLink = (name: string) => valueUnless(['ENOENT'], () => readlinkSync(`${directory}/${name}`))
  return unlessUnreadable(() => readdirSync(directory).flatMap((name) => readLink(name) ?? []))
}
