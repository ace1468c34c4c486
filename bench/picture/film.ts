import type { Chunk, Recording } from './recording.ts'
import { Screen, type Span } from './screen.ts'

/** A line of the screen while it does not change. */
export interface Shot {
  readonly row: number
  readonly spans: readonly Span[]
  readonly fromMs: number
  readonly toMs: number
}

/** The changes of a screen over time. */
export interface Film {
  readonly shots: readonly Shot[]
  readonly durationMs: number
  /** Time of the picture for readers who want no animation. */
  readonly stillAtMs: number
}

/** Time for reading: when everything is ready, and at the end. */
const readingMs = 4_000

/** @param prompt the first line, as if it had been typed */
export function filmOf({ chunks, interruptedAtMs }: Recording, prompt: string): Film {
  const later = chunks.map((chunk) => delayed(chunk, interruptedAtMs))
  const lastMs = later.at(-1)?.atMs ?? 0
  const durationMs = lastMs + readingMs
  return {
    shots: shotsOf([{ atMs: 0, text: `${prompt}\r\n` }, ...later], durationMs),
    durationMs,
    stillAtMs: interruptedAtMs,
  }
}

function delayed({ atMs, text }: Chunk, interruptedAtMs: number): Chunk {
  return { atMs: atMs > interruptedAtMs ? atMs + readingMs : atMs, text }
}

function shotsOf(chunks: readonly Chunk[], durationMs: number): Shot[] {
  const screen = new Screen()
  const shown = new Map<number, Omit<Shot, 'toMs'>>()
  const shots: Shot[] = []
  for (const { atMs, text } of chunks) {
    screen.write(text)
    const lines = screen.lines()
    const rows = new Set([...shown.keys(), ...lines.keys()])
    for (const row of rows) {
      const spans = lines[row] ?? []
      const before = shown.get(row)
      if (before && textOf(before.spans) === textOf(spans)) continue
      if (before) shots.push({ ...before, toMs: atMs })
      shown.set(row, { row, spans, fromMs: atMs })
    }
  }
  for (const last of shown.values()) shots.push({ ...last, toMs: durationMs })
  return shots.filter(({ spans, fromMs, toMs }) => spans.length > 0 && toMs > fromMs)
}

function textOf(spans: readonly Span[]): string {
  return spans.map(({ text, style }) => `${style}:${text}`).join('|')
}
