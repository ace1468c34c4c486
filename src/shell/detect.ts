import { type Ancestor, ancestors } from './ancestors.ts'
import type { Shell } from './format.ts'

/**
 * Number of ancestors to look at. `npx test-services` in a shell: npx's `sh`, npx, the shell, and a launcher or two.
 */
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
 * Finds the shell that reads our output: the nearest shell among the six nearest ancestors; `sh` if there is none.
 *
 * Only the process table knows. `SHELL` is the login shell, even if another shell is running; `BASH_VERSION`,
 * `FISH_VERSION`, `ZSH_VERSION` are not exported; the variables that csh and PowerShell export are inherited by every
 * shell below.
 *
 * `npx test-services` runs the command in an `sh` that evaluates nothing: with `npm_command=exec`, an `sh` just below
 * npm is skipped. (Below `npm run` the script itself evaluates the output, so its `sh` counts.) A shell script that
 * only wraps the command for another shell looks like a script that evaluates the output: such a wrapper must pass
 * `--shell`.
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
