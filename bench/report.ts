import { peerVerdict, verdictsOf } from './figure.ts'
import type { Section } from './subject.ts'
import { tableOf } from './table.ts'

/** Results of the bench, with machine and date. */
export interface Report {
  readonly sections: readonly Section[]
  readonly rounds: number
  readonly machine: string
  /**
   * Load averages of the machine, before and after each section. The bench itself makes one or two; the rest comes from
   * other programs.
   */
  readonly loads: readonly number[]
  readonly date: string
}

/** Returns a table for each section and the notes for reading the tables, in Markdown. */
export function markdownOf(report: Report): string {
  return [...report.sections.map(sectionOf), footOf(report)].join('\n\n')
}

export function sectionOf({ title, figures }: Section): string {
  return `**${title}**\n\n${tableOf(figures)}`
}

export function footOf(report: Report): string {
  return [...circumstances(report), verdict(report)].join('\n')
}

/** Returns the conditions of the measurement, one per line. */
export function circumstances({ rounds, machine, loads, date }: Report): string[] {
  const [least, most] = [Math.min(...loads), Math.max(...loads)].map((load) => load.toFixed(1))
  return [
    `Medians of ${rounds}, ours and the others in turn, on ${date}, at a load of ${least} to ${most}.`,
    `${machine}.`,
  ]
}

function verdict({ sections }: Report): string {
  const figures = sections.flatMap((section) => section.figures)
  const limits = figures.flatMap((figure) => [
    ...verdictsOf(figure),
    ...(figure.peers ?? []).flatMap((peer) => peerVerdict(figure, peer) ?? []),
  ])
  const kept = limits.filter(({ holds }) => holds).length
  return `${kept} of ${limits.length} limits are kept.`
}
