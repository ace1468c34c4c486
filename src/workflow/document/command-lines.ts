/** A command of a text, and the part of the text before the command. */
export interface CommandLine {
  readonly command: string
  readonly before: string
}

/** A comment, or a line that goes on in the next line after a backslash. */
const lineForm = /^[ \t]*#.*$|(?:\\(?:\r?\n|[^\r\n])|[^\r\n])+/gm

/**
 * Returns the commands of a text: one a line, without blank lines and comments. A line that ends with a backslash goes
 * on in the next line.
 */
export function commandLines(text: string): CommandLine[] {
  return Array.from(text.matchAll(lineForm), ({ 0: line, index }) => ({
    command: line.trimStart(),
    before: text.slice(0, index),
  })).filter(({ command }) => isCommand(command))
}

/** Whether a line is neither blank nor a comment. */
function isCommand(line: string): boolean {
  return !/^\s*(#|$)/.test(line)
}
