import { expect, test } from 'vitest'
import { filmOf } from '../../../bench/picture/film.ts'
import { Screen } from '../../../bench/picture/screen.ts'
import { svgOf } from '../../../bench/picture/svg.ts'

const eraseTwoLines = '\x1b[2K\x1b[1A\x1b[2K\x1b[G'

test('the screen shows what a terminal shows after lines were drawn again', () => {
  const screen = new Screen()
  screen.write('\x1b[?25l\x1b[36m⠋\x1b[39m db\x1b[2m 1 ms\x1b[22m\r\n')
  screen.write(`${eraseTwoLines}\x1b[32m✔\x1b[39m db is ready\r\nhel\rju\r\n`)
  expect(screen.lines()).toEqual([
    [
      { text: '✔', style: 'green' },
      { text: ' db is ready', style: '' },
    ],
    [{ text: 'jul', style: '' }],
    [],
  ])
})

test('a line of the film is shown until it changes, and the end waits for a reader', () => {
  const chunks = [
    { atMs: 100, text: 'starting' },
    { atMs: 300, text: '\rready   ' },
    { atMs: 400, text: '\r\nstopped' },
  ]
  const film = filmOf({ chunks, interruptedAtMs: 300 }, '$ run')
  expect(film.shots.map(({ spans, fromMs, toMs }) => [spans[0]?.text, fromMs, toMs])).toEqual([
    ['starting', 100, 300],
    ['$ run', 0, 8_400],
    ['ready   ', 300, 8_400],
    ['stopped', 4_400, 8_400],
  ])
  const svg = svgOf(film, 'a <run>')
  expect(svg).toContain('<title>a &lt;run&gt;</title>')
  expect(svg).toMatch(/#t2 \{ visibility: visible \}/)
  expect(svg).toMatch(/#t3 \{ visibility: hidden \}/)
})
