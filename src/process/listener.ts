import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { descendantsOf, readProcessTable } from './process-table.ts'
import { unlessGone } from './unless-gone.ts'

const listening = '0A'

/**
 * Whether this process, or one below it, listens on the TCP port; `undefined` where the system does not tell (macOS) and
 * when nobody listens there.
 *
 * @see proc_pid_net(5): column 2 is the local address in hexadecimal, 4 the state, 10 the inode
 */
export function ownsListener(port: number, pid: number): boolean | undefined {
  if (process.platform !== 'linux') return undefined
  const inodes = listenersOf(port)
  if (inodes.size === 0) return undefined
  const isOurs = (each: number): boolean => socketsOf(each).some((inode) => inodes.has(inode))
  return isOurs(pid) || [...descendantsOf([pid], readProcessTable())].some(isOurs)
}

function listenersOf(port: number): Set<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const rows = ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap((table) => readLines(table))
    .map((row) => row.trim().split(/\s+/))
  return new Set(
    rows.filter((row) => row[1]?.endsWith(suffix) && row[3] === listening).map((row) => `socket:[${row[9]}]`),
  )
}

/** A table is missing where the kernel has no IPv6. */
function readLines(path: string): string[] {
  return unlessGone(() => readFileSync(path, 'latin1').split('\n').slice(1)) ?? []
}

function socketsOf(pid: number): string[] {
  const directory = `/proc/${pid}/fd`
  const names = unlessGone(() => readdirSync(directory)) ?? []
  return names.flatMap((name) => unlessGone(() => readlinkSync(`${directory}/${name}`)) ?? [])
}
