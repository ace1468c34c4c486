// biome-ignore lint/style/noRestrictedImports: asks whether the system can mount overlays
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { lazyByKey } from '../kernel/lazy.ts'
import { findMemoryDirectory } from './files/memory-directory.ts'
import { type UnprivilegedAccount, type UnprivilegedCommand, unprivilegedAccount } from './unprivileged.ts'

/** A directory that shows the content of a lower directory and keeps changes to itself. */
export interface Overlay {
  /** The directory to show; must not be written to meanwhile. */
  readonly lower: string
  /**
   * Where the command finds the overlay. Every other process sees only the command's changes there, not the lower
   * content.
   */
  readonly directory: string
  /** Directory for the kernel: empty, and in the same file system as `directory`. */
  readonly work: string
}

const probeLimitMs = 5000

/**
 * Root in a namespace may mount. A mount ends with the last process that sees the mount. Unmounting outside the
 * namespace takes effect inside too.
 */
const withOwnMounts = ['unshare', '--user', '--map-root-user', '--mount', '--propagation', 'slave', '--']

/**
 * Volatile: writes need not reach a disk. In a namespace the kernel keeps its notes in extended user attributes.
 *
 * The kernel marks the work directory of a volatile overlay, and refuses a second mount until the mark is gone. The mark
 * protects from a crash of the machine, which no run outlives; a server that is started again needs its overlay back.
 */
const mountOverlay =
  '[ ! -d "$3/work/incompat/volatile" ] || rm -r "$3/work/incompat/volatile" && mount -t overlay -o "lowerdir=$1,upperdir=$2,workdir=$3,volatile,userxattr" overlay "$2" && shift 3 && exec "$@"'

/** Makes a place for the probe that is invisible outside the namespace. */
const makePlace =
  'mount -t tmpfs tmpfs "$1" && mkdir "$1/upper" "$1/work" && ln -s "$2" "$1/lower" && shift 2 && exec "$@"'

/**
 * Whether a command can have this directory, or a directory below, overlaid by a directory in memory. Tries an overlay
 * once per process. Needs Linux 5.11 or later, permission to make user namespaces, and the `unshare` of util-linux.
 *
 * Before Linux 6.6, files in memory have no extended user attributes: a directory that was removed from the overlay cannot be
 * made again under the same name.
 *
 * @see https://docs.kernel.org/filesystems/overlayfs.html `userxattr`, `volatile`
 */
export async function canOverlay(lower: string): Promise<boolean> {
  return canMount(JSON.stringify([lower, await unprivilegedAccount()]))
}

const canMount = lazyByKey(async (key): Promise<boolean> => {
  const [lower, account] = JSON.parse(key) as [string, UnprivilegedAccount]
  const memory = findMemoryDirectory()
  if (!('path' in memory) || account.kind === 'other-user') return false
  const { path } = memory
  const overlay = { lower: `${path}/lower`, directory: `${path}/upper`, work: `${path}/work` }
  const place = shell(makePlace, path, lower)
  const [program = '', ...rest] = [...withOwnMounts, ...place, ...overlaid(overlay, account), 'true']
  return promisify(execFile)(program, rest, { cwd: '/', timeout: probeLimitMs }).then(
    () => true,
    () => false,
  )
})

/**
 * Returns a command that finds the overlay mounted. Requires that `canOverlay` is true. The paths must contain neither
 * colons nor commas, which separate the options of `mount`; symbolic links without these characters will do.
 */
export async function overlaidCommand(
  argv: readonly [string, ...string[]],
  overlay: Overlay,
): Promise<UnprivilegedCommand> {
  const account = await unprivilegedAccount()
  const [program = '', ...rest] = [...withOwnMounts, ...overlaid(overlay, account), ...argv]
  return { kind: account.kind, argv: [program, ...rest] }
}

function overlaid({ lower, directory, work }: Overlay, account: UnprivilegedAccount): readonly string[] {
  return [...shell(mountOverlay, lower, directory, work), ...asOrdinaryUser(account)]
}

/** Drops the rights for mounting. */
function asOrdinaryUser({ kind, prefix }: UnprivilegedAccount): readonly string[] {
  if (kind !== 'same') return prefix
  return ['unshare', '--user', `--map-user=${process.getuid?.()}`, `--map-group=${process.getgid?.()}`, '--']
}

function shell(script: string, ...parameters: readonly string[]): readonly string[] {
  return ['sh', '-c', script, 'sh', ...parameters]
}
