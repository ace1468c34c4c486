import type { Figure } from './figure.ts'
import { summarise } from './statistics.ts'
import type { Section } from './subject.ts'
import { amount } from './table.ts'

const width = 800
const longestBar = 430
const barHeight = 16
const barStep = 22
const lineStep = 20
const titleStep = 28
const sectionGap = 24
const baseline = 13
const labelGap = 7

const style = `
  text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #24292f }
  .title { font-weight: 600; font-size: 15px }
  .quiet { fill: #57606a }
  .value { font-weight: 600 }
  .ours { fill: #1a7f64 }
  .peer { fill: #c3cad3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .quiet { fill: #9198a1 }
    .ours { fill: #3fb68b }
    .peer { fill: #4b535d }
  }`

interface Bar {
  readonly name: string
  readonly kind: 'ours' | 'peer'
  readonly ms: number
}

/** Draws bars for the charted figures of each section, followed by the peers. Each section has its own scale. */
export function chartOf(sections: readonly Section[], footer: readonly string[]): string {
  const page = new Page()
  for (const { title, figures } of sections) {
    const bars = barsOf(figures.filter(({ charted }) => charted))
    if (bars.length > 0) drawSection(page, title, bars)
  }
  for (const line of footer) page.text(line, 'quiet', lineStep)
  return page.toString()
}

function barsOf(figures: readonly Figure[]): Bar[] {
  const ours = figures.map(({ what, samples }) => barOf(`test-services: ${what}`, 'ours', samples))
  const peers = figures.flatMap((figure) => figure.peers ?? [])
  const others = new Map(peers.map(({ what, samples }) => [what, barOf(what, 'peer', samples)]))
  return [...ours, ...others.values()]
}

function barOf(name: string, kind: Bar['kind'], samples: readonly number[]): Bar {
  return { name, kind, ms: summarise(samples).median }
}

function drawSection(page: Page, title: string, bars: readonly Bar[]): void {
  const longest = Math.max(...bars.map(({ ms }) => ms))
  page.text(title, 'title', titleStep)
  for (const bar of bars) page.bar(bar, (bar.ms / longest) * longestBar)
  page.leave(sectionGap)
}

/** A page of text lines and bars, filled from top to bottom. */
class Page {
  readonly #elements: string[] = []
  #y = 0

  leave(height: number): void {
    this.#y += height
  }

  text(line: string, kind: string, step: number): void {
    this.#elements.push(`<text class="${kind}" x="0" y="${this.#y + baseline}">${escaped(line)}</text>`)
    this.#y += step
  }

  bar({ name, kind, ms }: Bar, length: number): void {
    const shown = Math.round(Math.max(1, length))
    const label = `<tspan class="value">${amount(ms, 'ms')}</tspan> ${escaped(name)}`
    this.#elements.push(
      `<rect class="${kind}" x="0" y="${this.#y}" width="${shown}" height="${barHeight}" rx="2"/>`,
      `<text x="${shown + labelGap}" y="${this.#y + baseline}">${label}</text>`,
    )
    this.#y += barStep
  }

  toString(): string {
    const size = `viewBox="0 0 ${width} ${this.#y}" width="${width}" height="${this.#y}"`
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">`,
      '<title>Times of test-services beside others; shorter is better</title>',
      `<style>${style}\n</style>`,
      ...this.#elements,
      '</svg>\n',
    ].join('\n')
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
