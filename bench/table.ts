import { type Figure, type Peer, peerVerdict, timesOf, type Unit, type Verdict, verdictsOf } from './figure.ts'
import { summarise } from './statistics.ts'

const heads = ['what', 'median', 'p95', 'asked for', 'beside', 'its median', 'times ours', 'asked for']
const isNumeric = [false, true, true, false, false, true, true, false]

/** Returns the figures as a Markdown table. Columns have even widths, so that the table is readable in a terminal. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.flatMap(rowsOf)
  const columns = heads.flatMap((head, index) => {
    const cells = rows.map((row) => row[index] ?? '')
    return cells.every((cell) => cell === '') ? [] : [evenColumn(head, cells, isNumeric[index] ?? false)]
  })
  const lines = (columns[0] ?? []).map((_, line) => `| ${columns.map((cells) => cells[line]).join(' | ')} |`)
  return lines.join('\n')
}

/** Returns head, rule and cells of a column, all padded to one width. */
function evenColumn(head: string, cells: readonly string[], numeric: boolean): string[] {
  const width = Math.max(...[head, ...cells].map((cell) => cell.length))
  const rule = numeric ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)
  return [head, rule, ...cells].map((cell) => (numeric ? cell.padStart(width) : cell.padEnd(width)))
}

/** Returns a row for the figure and its first peer, then a row for each further peer. */
function rowsOf(figure: Figure): string[][] {
  const { median, p95 } = summarise(figure.samples)
  const own = [figure.what, amount(median, figure.unit), amount(p95, figure.unit), verdicts(verdictsOf(figure))]
  const [first, ...others] = figure.peers ?? []
  const beside = (peer: Peer): string[] => peerCells(figure, peer)
  return [
    [...own, ...(first ? beside(first) : ['', '', '', ''])],
    ...others.map((peer) => ['', '', '', '', ...beside(peer)]),
  ]
}

function peerCells(figure: Figure, peer: Peer): string[] {
  const verdict = peerVerdict(figure, peer)
  const { median } = summarise(peer.samples)
  return [
    peer.what,
    amount(median, figure.unit),
    amount(timesOf(figure, peer), '×'),
    verdicts(verdict ? [verdict] : []),
  ]
}

function verdicts(all: readonly Verdict[]): string {
  return all.map(({ text, holds }) => `${text} ${holds ? '✓' : '✗'}`).join(', ')
}

/** Formats a value with three significant digits. */
export function amount(value: number, unit: Unit): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return unit === '×' ? `${value.toFixed(digits)}×` : `${value.toFixed(digits)} ${unit}`
}
