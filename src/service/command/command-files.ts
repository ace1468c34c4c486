import { posix } from 'node:path'

interface Made {
  readonly command: readonly string[]
  readonly directory?: string
  readonly files?: readonly string[]
}

/** Matches a file name with an extension; the directory is optional. */
const fileName = /^[\w@./-]+\.\w+$/

/** Returns globs of the command's source files, relative to the config's directory. */
export function filesOf({ command: argv, directory = '.', files = [] }: Made): string[] {
  const named = argv.filter((argument) => fileName.test(argument) && !argument.startsWith('-'))
  return [...named, ...files].map((file) => (posix.isAbsolute(file) ? file : posix.join(directory, file)))
}
