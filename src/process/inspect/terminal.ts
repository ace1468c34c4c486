// biome-ignore lint/style/noRestrictedImports: asks for the terminal
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * Whether this process is in the foreground group of its terminal. If so, Ctrl-C sends a SIGINT to the whole group, and
 * the children that this process started in the group have received the signal as well: it must not be handed on.
 *
 * @see proc_pid_stat(5): fields 5 `pgrp` and 8 `tpgid`, which is -1 without a terminal
 */
export function isInForeground(): boolean {
  const [group, foregroundGroup] = process.platform === 'linux' ? groupsByProc() : groupsByPs()
  return group !== undefined && group === foregroundGroup
}

function groupsByProc(): (string | undefined)[] {
  const text = readFileSync('/proc/self/stat', 'latin1')
  const [, , group, , , foregroundGroup] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return [group, foregroundGroup]
}

function groupsByPs(): (string | undefined)[] {
  const text = execFileSync('ps', ['-o', 'pgid=,tpgid=', '-p', String(process.pid)], { encoding: 'utf8' })
  return text.trim().split(/\s+/)
}
