import type { Film, Shot } from './film.ts'
import type { Span } from './screen.ts'

const fontSize = 13
const columnWidth = 7.83
const lineHeight = 19
const margin = 16

const style = `
  rect { fill: #f6f8fa; stroke: #d0d7de }
  text { font: ${fontSize}px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #24292f }
  .bold { font-weight: 600 }
  .quiet { fill: #57606a }
  .red { fill: #c93c37 }
  .green { fill: #1a7f37 }
  .yellow { fill: #8a6100 }
  .cyan { fill: #1b7c83 }
  @media (prefers-color-scheme: dark) {
    rect { fill: #161b22; stroke: #30363d }
    text { fill: #e6edf3 }
    .quiet { fill: #9198a1 }
    .red { fill: #ff7b72 }
    .green { fill: #56d364 }
    .yellow { fill: #e3b341 }
    .cyan { fill: #76e3ea }
  }`

/** Draws a film as an animated picture; without animation it shows the moment `stillAtMs`. */
export function svgOf({ shots, durationMs, stillAtMs }: Film, title: string): string {
  const columns = Math.max(...shots.map(({ spans }) => lengthOf(spans)))
  const rows = Math.max(...shots.map(({ row }) => row)) + 1
  const width = Math.ceil(columns * columnWidth) + 2 * margin
  const height = rows * lineHeight + 2 * margin
  const rules = shots.map(({ fromMs, toMs }, index) => {
    const isStill = fromMs <= stillAtMs && stillAtMs < toMs
    return `  #t${index} { visibility: ${isStill ? 'visible' : 'hidden'} }`
  })
  const animations = shots.map((shot, index) => animationOf(shot, index, durationMs))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escaped(title)}</title>
<style>${style}
${rules.join('\n')}
  @media (prefers-reduced-motion: no-preference) {
${animations.join('\n')}
  }
</style>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${shots.map(textOf).join('\n')}
</svg>
`
}

function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { text }) => sum + [...text].length, 0)
}

/** Shows a line from one moment to another, and hides it otherwise. */
function animationOf({ fromMs, toMs }: Shot, index: number, durationMs: number): string {
  const percent = (ms: number): string => `${((ms / durationMs) * 100).toFixed(2)}%`
  const begin = fromMs > 0 ? '0% { visibility: hidden } ' : ''
  const end = toMs < durationMs ? ` ${percent(toMs)} { visibility: hidden }` : ''
  const frames = `@keyframes k${index} { ${begin}${percent(fromMs)} { visibility: visible }${end} }`
  return `    ${frames}\n    #t${index} { animation: k${index} ${(durationMs / 1000).toFixed(2)}s step-end infinite }`
}

function textOf({ row, spans }: Shot, index: number): string {
  const y = margin + row * lineHeight + fontSize
  const parts = spans.map(({ text, style: name }) =>
    name ? `<tspan class="${name}">${escaped(text)}</tspan>` : escaped(text),
  )
  return `<text id="t${index}" x="${margin}" y="${y}" xml:space="preserve">${parts.join('')}</text>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
