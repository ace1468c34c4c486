import type { Command } from 'commander'
import { locate, nextArgument, optionNamed, optionsOf, type Place } from './locate.ts'
import { argumentValues, optionValues, type Values } from './values.ts'

/** The completions of a word. */
export interface Completions {
  /** What the shell completes besides: names of files, of directories, or nothing. */
  readonly paths: 'files' | 'directories' | 'none'
  readonly candidates: readonly Candidate[]
}

interface Candidate {
  readonly value: string
  readonly description: string
}

/** Completes the last word of a command line. @param words without the program's own name; the last may be empty */
export async function complete(program: Command, words: readonly string[]): Promise<Completions> {
  const word = words.at(-1) ?? ''
  const earlier = words.slice(0, -1)
  // Behind "--" stands a command of the user.
  if (earlier.includes('--')) return { paths: 'files', candidates: [] }
  const { paths, candidates } = await completionsAt(locate(program, earlier), word)
  return { paths, candidates: candidates.filter(({ value }) => value.startsWith(word)) }
}

async function completionsAt(place: Place, word: string): Promise<Completions> {
  const [, name, value] = /^(--[^=]+)=(.*)$/s.exec(word) ?? []
  if (name !== undefined && value !== undefined) return inlineValues(place, name)
  if (word.startsWith('-')) return { paths: 'none', candidates: options(place.command) }
  if (place.option) return plain(await optionValues(place.option, place))
  const { command, argument } = nextArgument(place)
  const values = argument ? plain(await argumentValues(argument, command, place)) : plain([])
  return place.positional.length > 0
    ? values
    : { ...values, candidates: [...subcommands(place.command), ...values.candidates] }
}

/** Completes `--name=value`. A shell completes no path inside of such a word. */
async function inlineValues(place: Place, name: string): Promise<Completions> {
  const option = optionNamed(place.command, name)
  const { candidates } = plain(option ? await optionValues(option, place) : [])
  return { paths: 'none', candidates: candidates.map((each) => ({ ...each, value: `${name}=${each.value}` })) }
}

function plain(values: Values): Completions {
  if (typeof values === 'string') return { paths: values, candidates: [] }
  return { paths: 'none', candidates: values.map((value) => ({ value, description: '' })) }
}

function subcommands(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((each) => ({ value: each.name(), description: each.description() }))
}

function options(command: Command): Candidate[] {
  const known = optionsOf(command).flatMap(({ short, long, description }) =>
    [long, short].flatMap((value) => (value ? [{ value, description }] : [])),
  )
  return [...known, { value: '--help', description: 'how to use it' }]
}
