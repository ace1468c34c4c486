import { statSync } from 'node:fs'
import { ownCommand } from '../../kernel/own-command.ts'
import { ownerOf } from '../../process/inspect/listener.ts'
import { type HolderOf, holderOf } from '../../run/holder-of.ts'
import { quoteArguments } from '../../shell/quote-argv.ts'

/**
 * Returns the message for a port of a foreign process, with the pid if readable for this user, and with the holder of
 * a service of this package.
 */
export function describePortTaken(label: string, port: number): string {
  const owner = ownerOf(port)
  const by = owner === undefined ? '' : ` by process ${owner}`
  return `${label}: port ${port} is already in use${by}${describeUse(owner)}choose another port`
}

/** Describes the owner of the process, and how to free the port. */
function describeUse(owner: number | undefined): string {
  const holder = owner === undefined ? undefined : holderOf(owner)
  const isHolderItself = holder?.pid === owner && holder?.kind === undefined
  if (!holder || isHolderItself) return '; stop the process that uses it, or '
  return holder.pid === process.pid ? ', another service of this start; ' : `, ${describeHolder(holder)}, or `
}

function describeHolder({ pid, kind, project = '', name }: HolderOf): string {
  if (kind === 'helper')
    return `a service of the helper "${name}" of ${project} (process ${pid}); stop it with "${stopCommand(project, name)}"`
  const what = kind === undefined ? '' : `an ${kind} of ${project}, `
  return `a service of ${what}process ${pid}; wait until that process has ended`
}

/** Without a config file, a helper is found by the directory alone. */
function stopCommand(project: string, name = 'default'): string {
  const isDirectory = statSync(project, { throwIfNoEntry: false })?.isDirectory() ?? false
  const options = [...(isDirectory ? [] : ['--config', project]), ...(name === 'default' ? [] : ['--name', name])]
  const change = isDirectory ? `cd ${quoteArguments([project])} && ` : ''
  return `${change}${ownCommand()} stop${options.length > 0 ? ` ${quoteArguments(options)}` : ''}`
}
