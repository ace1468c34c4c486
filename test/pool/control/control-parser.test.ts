import { describe, expect, test } from 'vitest'
import { type ControlEvent, ControlParser } from '../../../src/pool/control/control-parser.ts'
import { caught } from '../../support/caught.ts'
import { repeats } from '../../support/repeats.ts'

describe('the lines of test control', () => {
  test('are a word and its argument', () => {
    expect(parse('exitcode 3\nduration 15m\nduration +60\nduration -1m\nduration save\nduration restore\n')).toEqual([
      { word: 'exitcode', exitCode: 3 },
      { word: 'duration', change: 'restart', ms: 900_000 },
      { word: 'duration', change: 'extend', ms: 60_000 },
      { word: 'duration', change: 'extend', ms: -60_000 },
      { word: 'duration', change: 'save' },
      { word: 'duration', change: 'restore' },
    ])
    expect(parse('disconnect\nnoop\n')).toEqual([{ word: 'disconnect' }, { word: 'noop' }])
  })

  test.each([
    [
      'an empty line',
      '\n',
      'test control: "": the word must be one of result, exitcode, duration, disconnect, noop, service',
    ],
    ['an unknown word', 'reslut 10\n', 'test control: "reslut 10": the word must be one of'],
    ['a capital', 'Noop\n', 'test control: "Noop": the word must be one of'],
    ['no length', 'result\n', 'test control: "result": expected the length of its JSON in bytes'],
    ['a length with a letter', 'result 1x\n', 'test control: "result 1x": expected the length of its JSON in bytes'],
    [
      'a length beyond the bound',
      'result 99999999\n',
      'test control: "result 99999999": expected the length of its JSON in bytes',
    ],
    ['a negative exit code', 'exitcode -1\n', 'test control: "exitcode -1": expected a number from 0 to 255'],
    ['an exit code beyond 255', 'exitcode 256\n', 'test control: "exitcode 256": expected a number from 0 to 255'],
    [
      'a limit of nothing',
      'duration 0\n',
      'test control: "duration 0": expected a duration such as 15m, +60, -60, save or restore',
    ],
    [
      'no duration',
      'duration soon\n',
      'test control: "duration soon": expected a duration such as 15m, +60, -60, save or restore',
    ],
    ['two signs', 'duration +-5\n', 'test control: "duration +-5": expected a duration'],
    ['a long line', `noop ${'x'.repeat(4096)}\n`, 'the line is longer than 4096 bytes'],
    ['a line without an end', 'x'.repeat(10_000), 'the line is longer than 4096 bytes'],
  ])('are refused with what is expected: %s', async (_, text, message) => {
    const error = await thrownBy(() => parse(text))
    expect(error).toMatchObject({ code: 'ERR_CONTROL' })
    expect(error.message).toContain(message)
  })

  test('may have 4096 bytes with the newline', () => {
    expect(parse(`noop ${'x'.repeat(4090)}\n`)).toEqual([{ word: 'noop' }])
  })
})

describe('a result', () => {
  test('follows its line as JSON of the given length, its files after it', () => {
    const json = JSON.stringify({ status: 'pass', name: 'é', files: [file('A', 13), file('empty', 0), file('B', 3)] })
    const events = parse(`result ${Buffer.byteLength(json)}\n${json}contents of AtheXYnoop\n`.replace('XY', ''))
    const result = JSON.parse(json)
    expect(joined(events)).toEqual([
      { word: 'file', file: file('A', 13), result },
      { word: 'data', chunk: 'contents of A' },
      { word: 'file-end' },
      { word: 'file', file: file('empty', 0), result },
      { word: 'file-end' },
      { word: 'file', file: file('B', 3), result },
      { word: 'data', chunk: 'the' },
      { word: 'file-end' },
      { word: 'result', result },
      { word: 'noop' },
    ])
  })

  test.each([
    ['cut JSON', '{"status": "pass"', 'no JSON'],
    ['a list', '["pass"]', 'expected one object'],
    ['a number as status', '{"status": 1}', 'status'],
    ['an empty status', '{"status": ""}', 'status: expected a text'],
    ['a number as name', '{"status": "pass", "name": 5}', 'name'],
    ['a text as partial', '{"status": "pass", "partial": "yes"}', 'partial'],
    ['a file without length and name', '{"status": "pass", "files": ["A"]}', 'files.0'],
    ['a file without length', '{"status": "pass", "files": [{"name": "A"}]}', 'files.0.length'],
    ['a negative length', '{"status": "pass", "files": [{"name": "A", "length": -1}]}', 'files.0.length'],
    [
      'an absolute file',
      '{"status": "pass", "files": [{"name": "/A", "length": 1}]}',
      'files.0.name: expected a path below',
    ],
    [
      'a file above',
      '{"status": "pass", "files": [{"name": "a/../../A", "length": 1}]}',
      'files.0.name: expected a path below',
    ],
    [
      'two files of one name',
      '{"status": "pass", "files": [{"name": "A", "length": 1}, {"name": "./A", "length": 1}]}',
      'a name is used twice',
    ],
    ['a testout above', '{"status": "pass", "testout": "../out"}', 'testout: expected a path below'],
    ['an empty testout', '{"status": "pass", "testout": ""}', 'testout: expected a path below'],
  ])('is refused with its JSON and the reason: %s', async (_, json, message) => {
    const error = await thrownBy(() => parse(`result ${json.length}\n${json}`))
    expect(error).toMatchObject({ code: 'ERR_CONTROL' })
    expect(error.message).toContain(JSON.stringify(json).slice(0, 100))
    expect(error.message).toContain(message)
  })
})

describe('the start of a service', () => {
  const start = { service: 'db', begin: '2026-01-31T12:00:00.000Z', readyMs: 7, error: 'DB ended' }

  test('follows its line as JSON of the given length', () => {
    const json = JSON.stringify({ ...start, later: true })
    expect(parse(`service ${json.length}\n${json}noop\n`)).toEqual([{ word: 'service', start }, { word: 'noop' }])
  })

  test.each([
    ['no name', { ...start, service: '' }, 'service: expected a text'],
    ['no time', { ...start, begin: 'today' }, 'begin: expected a time such as 2026-01-31T12:00:00.000Z'],
    ['a negative duration', { ...start, readyMs: -1 }, 'readyMs'],
  ])('is refused with its JSON and the reason: %s', async (_, given, message) => {
    const json = JSON.stringify(given)
    const error = await thrownBy(() => parse(`service ${json.length}\n${json}`))
    expect(error).toMatchObject({ code: 'ERR_CONTROL', message: expect.stringContaining(message) })
  })
})

describe('the end of the test', () => {
  test.each([
    ['a line', 'noop', 'test control: "noop": the test ended within the line'],
    ['the JSON', 'result 20\n{"status"', 'test control: "result 20": the test ended 11 bytes before its JSON did'],
    ['a file', withFiles('half', 3), 'the test ended 6 bytes before the end of its file half'],
  ])('is an error within %s', async (_, text, message) => {
    const parser = new ControlParser()
    expect([...parser.push(Buffer.from(text))]).toBeDefined()
    const error = await thrownBy(() => parser.end())
    expect(error).toMatchObject({ code: 'ERR_CONTROL' })
    expect(error.message).toContain(message)
  })

  test('is none between two lines', () => {
    const parser = new ControlParser()
    expect([...parser.push(Buffer.from('noop\n')), parser.end()]).toEqual([{ word: 'noop' }, undefined])
  })
})

test('the same events come from chunks of any size', () => {
  const json = JSON.stringify({
    status: 'pass',
    note: 'naïve\nnote',
    files: [file('a', 70), file('b', 0), file('c', 7)],
  })
  const files = `${'\n'.repeat(70)}noop 1\n`
  const bytes = Buffer.from(
    `noop\nresult ${Buffer.byteLength(json)}\n${json}${files}duration +5\nresult 2\n{}exitcode 0\n`,
  )
  const whole = joined([...new ControlParser().push(bytes)])
  expect(whole).toHaveLength(13)
  const random = randomNumbers(15)
  for (let round = 0; round < repeats(300, 5000); round++) expect(joined(parseInChunks(bytes, random))).toEqual(whole)
})

function parse(text: string): ControlEvent[] {
  return [...new ControlParser().push(Buffer.from(text))]
}

function parseInChunks(bytes: Buffer, random: () => number): ControlEvent[] {
  const parser = new ControlParser()
  const events: ControlEvent[] = []
  const longest = 1 + Math.floor(random() * 60)
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + Math.floor(random() * longest)
    events.push(...parser.push(bytes.subarray(at, end)))
    at = end
  }
  parser.end()
  return events
}

function thrownBy(action: () => unknown): Promise<Error> {
  return caught(Promise.resolve().then(action))
}

type Shown = Exclude<ControlEvent, { word: 'data' }> | { word: 'data'; chunk: string }

/** Puts neighbouring chunks of a file together. */
function joined(events: readonly ControlEvent[]): Shown[] {
  const shown: Shown[] = []
  for (const event of events) {
    const last = shown.at(-1)
    if (event.word !== 'data') shown.push(event)
    else if (last?.word === 'data') shown.splice(-1, 1, { word: 'data', chunk: last.chunk + event.chunk })
    else shown.push({ word: 'data', chunk: event.chunk.toString() })
  }
  return shown
}

function file(name: string, length: number): { name: string; length: number } {
  return { name, length }
}

function withFiles(name: string, given: number): string {
  const json = JSON.stringify({ status: 'pass', files: [file(name, 9)] })
  return `result ${json.length}\n${json}${'x'.repeat(given)}`
}

/** Returns numbers from 0 to 1 that are the same in each run. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}
