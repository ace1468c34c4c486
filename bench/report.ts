import { peerVerdict, verdictsOf } from './figure.ts'
import type { Section } from './subject.ts'
import { tableOf } from './table.ts'

/** What was measured, where and when. */
export interface Report {
  readonly sections: readonly Section[]
  readonly rounds: number
  readonly machine: string
  /** Of the machine, before and after each section. The bench makes one or two itself; more is somebody else's. */
  readonly loads: readonly number[]
  readonly date: string
}

/** A table for each section, and what one must know to read them, in Markdown. */
export function markdownOf(report: Report): string {
  return [...report.sections.map(sectionOf), footOf(report)].join('\n\n')
}

export function sectionOf({ title, figures }: Section): string {
  return `**${title}**\n\n${tableOf(figures)}`
}

export function footOf(report: Report): string {
  return [...circumstances(report), verdict(report)].join('\n')
}

/** A line each. */
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
