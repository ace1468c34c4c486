import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { blockYaml } from '../../src/yaml/block-yaml.ts'
import { repeats } from '../support/repeats.ts'

test('a record has one value a line, and a text of several lines as it is', () => {
  const record = {
    command: 'make\nmake test\n',
    other: ['sh', '-c', 'true'],
    nothing: undefined,
    none: [],
    versions: { node: '20.20.2' },
    begin: '2026-11-29T04:00:00.000Z',
    steps: [{ name: 'build', folder: '001_build', elapsed: 0.25, done: true, run: [['a', 'b: c']] }],
  }
  expect(blockYaml(record)).toBe(`command: |
  make
  make test
other:
  - sh
  - -c
  - "true"
none: []
versions:
  node: 20.20.2
begin: 2026-11-29T04:00:00.000Z
steps:
  - name: build
    folder: 001_build
    elapsed: 0.25
    done: true
    run:
      - - a
        - "b: c"
`)
})

const parts = [
  ...[
    '\n',
    '\n',
    ' ',
    '  ',
    '\t',
    '\r',
    ':',
    ': ',
    ' #',
    '#',
    '- ',
    '-',
    '? ',
    '|',
    '>',
    '&a',
    '*a',
    '!',
    '%',
    '@',
    '`',
  ],
  ...['"', "'", '\\', '{', '}', '[', ']', ',', '{{ x }}', '---', '...', '<<', '=', '~', 'null', 'yes', 'No', 'on', 'y'],
  ...[
    'true',
    '.inf',
    '-.INF',
    '.nan',
    '.5',
    '1',
    '0x1f',
    '0o7',
    '1e3',
    '1_000',
    '12:30:45',
    '2026-11-29',
    '007_a',
    'ä',
  ],
  ...[
    '\0',
    '\x1b[31m',
    '\x7f',
    '\x85',
    '\xa0',
    '\u2028',
    '\ufeff',
    '\ufffe',
    '\ud800',
    '😀',
    'word',
    '/usr/bin',
    'a.b',
  ],
]

test('every text is read back as it was, by readers of YAML 1.2 and 1.1', () => {
  let seed = 1
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % below
  }
  const texts = [...parts, '', ...parts.flatMap((part) => [`${part}\n`, `a${part}`, `${part}a\nb`])]
  for (let round = 0; round < repeats(300, 10_000); round++)
    texts.push(Array.from({ length: random(6) }, () => parts[random(parts.length)]).join(''))
  for (const text of texts) {
    const record = { text, list: [text, [text]], map: { [text.slice(0, 20)]: text }, of: [{ text, last: [] }] }
    const written = blockYaml(record)
    expect(parse(written), written).toEqual(record)
    expect(parse(written, { version: '1.1', merge: false }), written).toEqual(record)
  }
})

test('numbers, booleans and nothing keep their types', () => {
  const values = [0, -1, 1.5, 1e21, 1e-7, true, false, null, [], {}, [[]], [{}], { a: { b: [null] } }]
  for (const value of values) expect(parse(blockYaml({ value, list: [value] }))).toEqual({ value, list: [value] })
})

test('a dictionary whose keys are all undefined is empty', () => {
  const written = blockYaml({ a: { b: undefined }, list: [{ b: undefined }], c: 1 })
  expect(parse(written), written).toEqual({ a: {}, list: [{}], c: 1 })
})
