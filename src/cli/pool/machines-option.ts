import { UsageError } from '../../kernel/errors.ts'

/** Wanted machines, from a part of `--machines`. */
export type WantedMachines =
  | { readonly kind: 'local'; readonly slots: number }
  | {
      readonly kind: 'ssh'
      readonly host: string
      readonly port?: number
      readonly user?: string
      readonly slots: number
    }
  | { readonly kind: 'container'; readonly image: string; readonly slots: number }

const expectation = 'expected local=4, ssh://user@host:22=2, container:image=2, or several of them with commas between'

/** Parses `local=4,ssh://user@host=2,container:image=2`; without a number, a single machine. @throws ERR_USAGE */
export function parseMachines(text: string): WantedMachines[] {
  return text.split(',').map((part) => parseOne(part.trim()))
}

function parseOne(part: string): WantedMachines {
  const [, where = '', count = '1'] = /^(.+?)(?:=(\d+))?$/.exec(part) ?? []
  const slots = Number(count)
  if (slots < 1) throw new UsageError(`--machines "${part}": expected at least 1 machine`)
  if (where === 'local') return { kind: 'local', slots }
  const [, image] = /^container:(.+)$/.exec(where) ?? []
  if (image !== undefined) return { kind: 'container', image, slots }
  if (where.startsWith('ssh://')) return { kind: 'ssh', ...parseHost(where, part), slots }
  throw new UsageError(`--machines "${part}": ${expectation}`)
}

const noAddress = { hostname: '', port: '', username: '', password: '', pathname: '' }

function parseHost(address: string, part: string): { host: string; port?: number; user?: string } {
  const { hostname, port, username, password, pathname } = URL.canParse(address) ? new URL(address) : noAddress
  if (hostname === '' || !['', '/'].includes(pathname)) throw new UsageError(`--machines "${part}": ${expectation}`)
  if (password) throw new UsageError(`--machines: a password in the address of ${hostname} is not used; use a key`)
  return {
    // The brackets of an IPv6 address are the URL's.
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    ...(port && { port: Number(port) }),
    ...(username && { user: decodeURIComponent(username) }),
  }
}
