import type { Command } from 'commander'
import { type Completions, complete } from './candidates.ts'
import { splitLine } from './split-line.ts'

/**
 * Answers the completion script of a shell: the kind of paths on the first line, then a value and its description on each
 * line.
 *
 * @param request name of the shell, and the words of the command line up to the cursor; of bash, the characters at which
 *   it cuts words, and the line
 */
export async function answerCompletion(program: Command, request: readonly string[]): Promise<string> {
  const [shell, ...given] = request
  if (shell !== 'bash') return describe(await complete(program, given))
  const [breaks = '', line = ''] = given
  const words = splitLine(line).slice(1)
  return describe(await complete(program, words), cutPrefix(words.at(-1) ?? '', breaks))
}

/** Returns the length of the part of a word that bash takes for earlier words. */
function cutPrefix(word: string, breaks: string): number {
  const cuts = ['=', ':'].filter((character) => breaks.includes(character))
  return Math.max(0, ...cuts.map((character) => word.lastIndexOf(character) + 1))
}

function describe({ paths, candidates }: Completions, cut = 0): string {
  const lines = candidates.map(({ value, description }) => `${value.slice(cut)}\t${description}`)
  return [paths, ...lines, ''].join('\n')
}
