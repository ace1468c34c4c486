import { type Ancestor, ancestors } from './ancestors.ts'
import type { Shell } from './format.ts'

/** `npx test-services` in a shell: npx's `sh`, npx, the shell, and a launcher or two. */
const CLIMB_AT_MOST = 6

const shellOfProgram = new Map<string, Shell>([
  ...['sh', 'dash', 'ash', 'busybox', 'ksh', 'ksh93', 'mksh', 'oksh', 'yash'].map((name) => [name, 'sh'] as const),
  ...['bash', 'rbash'].map((name) => [name, 'bash'] as const),
  ...['zsh', 'rzsh', 'zsh5'].map((name) => [name, 'zsh'] as const),
  ['fish', 'fish'],
  ...['csh', 'tcsh', 'bsd-csh'].map((name) => [name, 'csh'] as const),
  ...['pwsh', 'powershell'].map((name) => [name, 'powershell'] as const),
])

function shellOf({ names }: Ancestor): Shell | undefined {
  for (const name of names) {
    const shell = shellOfProgram.get(name)
    if (shell) return shell
  }
  return undefined
}

function isNpm(ancestor: Ancestor | undefined): boolean {
  return ancestor?.names.some((name) => /^np[mx](?: |$)/.test(name)) ?? false
}

/**
 * Which shell reads what we print: the nearest process above us that is a shell, looked for among the six nearest.
 * `sh` if there is none.
 *
 * Only the process table knows. `SHELL` is the login shell, whichever shell is running; `BASH_VERSION`,
 * `FISH_VERSION`, `ZSH_VERSION` are not exported; what csh and PowerShell export is inherited by every shell below.
 *
 * `npx test-services` runs it by an `sh` of its own, which reads nothing: with `npm_command=exec` a shell just below
 * npm is passed over. (Below `npm run` the script itself evaluates, so there it counts.) A shell *script* that wraps
 * the command and passes the output on to another shell cannot be told from one that evaluates it: it gives `--shell`.
 */
export function detectShell(environment: NodeJS.ProcessEnv, pid: number = process.ppid): Shell {
  const above = [...ancestors(pid, CLIMB_AT_MOST)]
  for (const [index, ancestor] of above.entries()) {
    const shell = shellOf(ancestor)
    const isOfNpx = environment.npm_command === 'exec' && shell === 'sh' && isNpm(above[index + 1])
    if (shell && !isOfNpx) return shell
  }
  return 'sh'
}
