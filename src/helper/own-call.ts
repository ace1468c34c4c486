import { ownCommand } from '../kernel/own-command.ts'
import { quoteArguments } from '../shell/quote-argv.ts'

/** What tells one holder from another on the command line. */
export interface Chosen {
  readonly configFile?: string | undefined
  readonly name?: string | undefined
}

/** The command as it is to be called again for the same holder. */
export function ownCall({ configFile, name }: Chosen): string {
  const config = configFile === undefined ? [] : ['--config', configFile]
  const names = name === undefined || name === defaultName ? [] : ['--name', name]
  const options = [...config, ...names]
  return options.length > 0 ? `${ownCommand()} ${quoteArguments(options)}` : ownCommand()
}

/** Of the holder that is meant where no other is named. */
export const defaultName = 'default'
