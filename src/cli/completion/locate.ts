import type { Argument, Command, Option } from 'commander'

/** Where the cursor stands in a command line. */
export interface Place {
  readonly command: Command
  /** Words of the command that are neither options nor their values. */
  readonly positional: readonly string[]
  /** The option whose value comes next, if any. */
  readonly option: Option | undefined
  /** Value of `--config`, if given. */
  readonly config: string | undefined
}

/** Finds the place behind the words of a command line. */
export function locate(program: Command, words: readonly string[]): Place {
  let place: Place = { command: program, positional: [], option: undefined, config: undefined }
  for (const word of words) place = step(place, word)
  return place
}

function step(place: Place, word: string): Place {
  const { option, command, positional } = place
  if (word.startsWith('-') && word !== '-')
    return { ...place, option: word.includes('=') ? undefined : awaited(command, word) }
  if (option) {
    const config = option.long === '--config' ? word : place.config
    return { ...place, config, option: option.variadic ? option : undefined }
  }
  const subcommand = positional.length === 0 ? subcommandNamed(command, word) : undefined
  return subcommand ? { ...place, command: subcommand } : { ...place, positional: [...positional, word] }
}

function awaited(command: Command, word: string): Option | undefined {
  const option = optionNamed(command, word)
  return option && (option.required || option.optional) ? option : undefined
}

/** Returns the option of a command or of its parents. */
export function optionNamed(command: Command, name: string): Option | undefined {
  return optionsOf(command).find(({ short, long }) => name === short || name === long)
}

/** Returns the options that can be given to a command, except hidden ones. */
export function optionsOf(command: Command): readonly Option[] {
  const own = [...command.options, ...(defaultOf(command)?.options ?? [])]
  return [...own.filter(({ hidden }) => !hidden), ...(command.parent ? optionsOf(command.parent) : [])]
}

function subcommandNamed(command: Command, name: string): Command | undefined {
  return command.commands.find((each) => each.name() === name)
}

/** Returns the command that is meant without a subcommand. */
function defaultOf(command: Command): Command | undefined {
  return command.parent === null ? subcommandNamed(command, 'start') : undefined
}

/** Returns the command whose arguments come next, and the next argument. */
export function nextArgument({ command, positional }: Place): { command: Command; argument?: Argument | undefined } {
  const owner = defaultOf(command) ?? command
  const known = owner.registeredArguments
  const last = known.at(-1)
  return { command: owner, argument: known[positional.length] ?? (last?.variadic ? last : undefined) }
}
