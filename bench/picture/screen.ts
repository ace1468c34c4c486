/** Text of one style in a line. */
export interface Span {
  readonly text: string
  /** Names of the style, such as `green` and `bold`, in a fixed order. */
  readonly style: string
}

interface Cell {
  readonly character: string
  readonly style: string
}

const escapeCharacter = '\x1b'
/** A control sequence, a line control, another escape of two characters, or one character of text. */
const sequence = new RegExp(
  `${escapeCharacter}\\[(?<parameters>[?\\d;]*)(?<final>[A-Za-z])|[\\r\\n]|${escapeCharacter}.|[^\\r\\n]`,
  'gu',
)

const styles: Readonly<Record<string, string>> = {
  1: 'bold',
  2: 'quiet',
  31: 'red',
  32: 'green',
  33: 'yellow',
  36: 'cyan',
  90: 'quiet',
}
/** Codes that end styles, and the styles that remain. */
const ends: Readonly<Record<string, (style: string) => boolean>> = {
  0: () => false,
  22: (style) => style !== 'bold' && style !== 'quiet',
  39: (style) => style === 'bold' || style === 'quiet',
}

/** The screen of a terminal, as far as our live display uses one. */
export class Screen {
  readonly #lines: Cell[][] = [[]]
  #row = 0
  #column = 0
  #style: readonly string[] = []

  write(text: string): void {
    for (const { 0: part, groups } of text.matchAll(sequence)) {
      if (groups?.final) this.#control(groups.final, groups.parameters ?? '')
      else if (part === '\r') this.#column = 0
      else if (part === '\n') this.#moveTo(this.#row + 1)
      else if (!part.startsWith(escapeCharacter)) this.#put(part)
    }
  }

  /** The lines, with cells of the same style joined. */
  lines(): Span[][] {
    return this.#lines.map(spansOf)
  }

  #put(character: string): void {
    const line = this.#lines[this.#row] ?? []
    while (line.length < this.#column) line.push({ character: ' ', style: '' })
    line[this.#column++] = { character, style: this.#style.join(' ') }
  }

  #control(final: string, parameters: string): void {
    const count = Number(parameters) || 1
    if (final === 'A') this.#moveTo(Math.max(0, this.#row - count))
    else if (final === 'B') this.#moveTo(this.#row + count)
    else if (final === 'G') this.#column = count - 1
    else if (final === 'K') this.#eraseLine(parameters)
    else if (final === 'J') this.#lines.splice(this.#row + 1)
    else if (final === 'm') for (const code of parameters.split(';')) this.#restyle(code || '0')
  }

  #moveTo(row: number): void {
    this.#row = row
    while (this.#lines.length <= row) this.#lines.push([])
  }

  #eraseLine(parameters: string): void {
    const from = parameters === '2' ? 0 : this.#column
    this.#lines[this.#row]?.splice(from)
  }

  #restyle(code: string): void {
    const style = styles[code]
    const remains = ends[code]
    if (style) this.#style = [...this.#style.filter((each) => each !== style), style].sort()
    else if (remains) this.#style = this.#style.filter(remains)
  }
}

function spansOf(line: readonly Cell[]): Span[] {
  const spans: Span[] = []
  for (const { character, style } of line) {
    const last = spans.at(-1)
    if (last?.style === style) spans[spans.length - 1] = { text: last.text + character, style }
    else spans.push({ text: character, style })
  }
  return spans
}
