import { ownCommand } from '../kernel/own-command.ts'
import { quoteArguments } from '../shell/quote-argv.ts'

/** Options that distinguish holders on the command line. */
export interface Chosen {
  readonly configFile?: string | undefined
  readonly name?: string | undefined
}

/** Returns the command line for another call about the same holder. */
export function ownCall({ configFile, name }: Chosen): string {
  const config = configFile === undefined ? [] : ['--config', configFile]
  const names = name === undefined || name === defaultName ? [] : ['--name', name]
  const options = [...config, ...names]
  return options.length > 0 ? `${ownCommand()} ${quoteArguments(options)}` : ownCommand()
}

/** Name of the holder if no name is given. */
export const defaultName = 'default'
