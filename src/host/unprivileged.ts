// biome-ignore lint/style/noRestrictedImports: asks what this user may do
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { promisify } from 'node:util'
import { TestServicesError } from '../kernel/errors.ts'
import { lazyByKey } from '../kernel/lazy.ts'
import type { UserIds } from '../kernel/user-ids.ts'
import { valueUnless } from '../kernel/value-unless.ts'

/** Way to run a server that refuses root. */
type UnprivilegedKind = 'same' | 'user-namespace' | 'other-user'

/** Account of a server that refuses root, seen from outside: the owner for the server's files. */
export interface UnprivilegedAccount {
  readonly kind: UnprivilegedKind
  /** User to spawn as; absent if the server keeps the caller's identity. */
  readonly user?: UserIds
  /** Words before the command: `unshare …`. */
  readonly prefix: readonly string[]
}

export interface UnprivilegedCommand {
  readonly argv: readonly [string, ...string[]]
  readonly kind: UnprivilegedKind
  readonly user?: UserIds
}

const same: UnprivilegedAccount = { kind: 'same', prefix: [] }
const probeLimitMs = 5000
const accountByForce = lazyByKey(findAccount)

/**
 * Finds, once per process, how to run a server that refuses root: under our own identity if we are not root; else in a
 * user namespace in which our own files belong to an ordinary user; else as an existing unprivileged user.
 *
 * `TEST_SERVICES_UNPRIVILEGED=user-namespace|other-user` forces one way.
 *
 * @throws ERR_START if root has neither way
 */
export function unprivilegedAccount(): Promise<UnprivilegedAccount> {
  return accountByForce(process.env.TEST_SERVICES_UNPRIVILEGED ?? '')
}

/**
 * Returns the command and the identity to spawn the command with.
 *
 * @throws ERR_START like `unprivilegedAccount`
 */
export async function unprivilegedCommand(argv: readonly [string, ...string[]]): Promise<UnprivilegedCommand> {
  const { prefix, ...account } = await unprivilegedAccount()
  const [first = argv[0], ...rest] = [...prefix, ...argv]
  return { ...account, argv: [first, ...rest] }
}

async function findAccount(forced: string): Promise<UnprivilegedAccount> {
  const isRoot = process.getuid?.() === 0
  if (!isRoot && (hasName() || process.platform === 'win32')) return same
  const candidates = candidateAccounts(isRoot).filter(({ kind }) => !forced || kind === forced)
  for (const candidate of candidates) if (await canRun(candidate)) return candidate
  if (!isRoot) return same
  throw noWay(candidates)
}

/**
 * Whether our user has a name. `initdb` looks itself up with getpwuid and gives up without a name. So a user without an
 * entry in /etc/passwd (`docker run --user 12345`, OpenShift) gets a namespace too, and inside the namespace an
 * identity with a name.
 */
function hasName(): boolean {
  return (valueUnless(['ERR_SYSTEM_ERROR'], userInfo)?.username ?? '').length > 0
}

function candidateAccounts(isRoot: boolean): UnprivilegedAccount[] {
  if (process.platform === 'win32') return []
  const nobody = ordinaryUser()
  const inside = nobody ?? { uid: 1000, gid: 1000 }
  const namespace: UnprivilegedAccount = {
    kind: 'user-namespace',
    prefix: ['unshare', '--user', `--map-user=${inside.uid}`, `--map-group=${inside.gid}`, '--'],
  }
  return nobody && isRoot ? [namespace, { kind: 'other-user', prefix: [], user: nobody }] : [namespace]
}

/** Returns `nobody`, or the first account that is not root's. */
function ordinaryUser(): UserIds | undefined {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  const accounts = lines
    .map((line) => line.split(':'))
    .map(([name, , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
  const ordinary = accounts.filter(({ uid, gid }) => uid > 0 && gid > 0)
  const found = ordinary.find(({ name }) => name === 'nobody') ?? ordinary[0]
  return found && { uid: found.uid, gid: found.gid }
}

async function canRun({ prefix, user }: UnprivilegedAccount): Promise<boolean> {
  const [program = 'true', ...rest] = [...prefix, 'true']
  const probe = promisify(execFile)(program, rest, { ...user, cwd: '/', timeout: probeLimitMs })
  return probe.then(
    () => true,
    () => false,
  )
}

function noWay(tried: readonly UnprivilegedAccount[]): Error {
  return new TestServicesError(
    'ERR_START',
    'this server refuses to run as root, and no way around it works here: tried ' +
      `${tried.map(({ kind }) => kind).join(' and ') || 'nothing'}; ` +
      'install unshare (util-linux 2.34 or later) and allow user namespaces, or let /etc/passwd have a user "nobody" ' +
      'and the container the capabilities SETUID, SETGID and CHOWN, or run as an ordinary user',
  )
}
