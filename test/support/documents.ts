import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** A code block of a document. */
export interface Block {
  readonly language: string
  readonly code: string
  /** The file that the block shows: its first line is a comment that holds the name. */
  readonly file: string | undefined
  /** The heading above the block, without `#`. */
  readonly heading: string
}

/** Paths of the documents for readers, relative to the repository. */
export const documents: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)
    .sort(),
]

export function readDocument(document: string): string {
  return readFileSync(join(root, document), 'utf8')
}

const blockPattern = /^#+ (?<heading>[^\n]*)$|^```(?<language>\w*)\n(?<code>.*?)^```$/gms
const namePattern = /^(?:\/\/|#|--) (\S+\.\w+)\n/

/** Returns the code blocks of a document in their order, of all languages or of the given ones. */
export function blocksOf(document: string, ...languages: readonly string[]): Block[] {
  let above = ''
  return Array.from(readDocument(document).matchAll(blockPattern)).flatMap(({ groups = {} }) => {
    const { heading, language = '', code = '' } = groups
    if (heading !== undefined) {
      above = heading
      return []
    }
    if (languages.length > 0 && !languages.includes(language)) return []
    return [{ language, code, file: namePattern.exec(code)?.[1], heading: above }]
  })
}

/** Returns the files that blocks show, by name; a later block replaces an earlier one of the same name. */
export function filesOf(blocks: readonly Block[]): Map<string, string> {
  return new Map(blocks.flatMap(({ file, code }) => (file === undefined ? [] : [[file, code]])))
}
