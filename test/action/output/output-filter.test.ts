import { describe, expect, test } from 'vitest'
import type { ActionMessage } from '../../../src/action/output/message.ts'
import { OutputFilter } from '../../../src/action/output/output-filter.ts'
import { redactedCommand } from '../../../src/action/output/redacted-command.ts'
import { Redactor } from '../../../src/kernel/redactor.ts'

interface Heard {
  readonly bytes: Buffer
  readonly text: string
  readonly lines: string[]
  readonly messages: ActionMessage[]
  readonly malformed: string[]
}

/** What comes out of the filter when this goes in, in chunks of some size. */
function filtered(
  input: string | Buffer,
  chunkBytes = Number.POSITIVE_INFINITY,
  secrets: readonly string[] = [],
): Heard {
  const redactor = new Redactor(secrets)
  const parts: Buffer[] = []
  const messages: ActionMessage[] = []
  const malformed: string[] = []
  const filter = new OutputFilter(redactor, {
    lines: (lines) => void parts.push(Buffer.from(lines)),
    message: (message) => void messages.push(message),
    malformed: (reason) => void malformed.push(reason),
  })
  const bytes = Buffer.from(input)
  const size = Math.min(chunkBytes, bytes.length) || 1
  for (let start = 0; start < bytes.length; start += size) filter.write(bytes.subarray(start, start + size))
  filter.end()
  const out = Buffer.concat(parts)
  const text = out.toString()
  return { bytes: out, text, lines: text.split('\n').slice(0, -1), messages, malformed }
}

describe('a message', () => {
  test.each<[string, ActionMessage]>([
    ['openjd_progress: 0', { kind: 'progress', progress: 0 }],
    ['openjd_progress: 33.5', { kind: 'progress', progress: 33.5 }],
    ['openjd_progress: 1e2', { kind: 'progress', progress: 100 }],
    ['openjd_status: half way', { kind: 'status', text: 'half way' }],
    ['openjd_fail: no disk', { kind: 'fail', text: 'no disk' }],
    ['openjd_env: A=b', { kind: 'env', name: 'A', value: 'b', isSecret: false }],
    ['openjd_env:   A=', { kind: 'env', name: 'A', value: '', isSecret: false }],
    ['openjd_env: A=b=c d ', { kind: 'env', name: 'A', value: 'b=c d ', isSecret: false }],
    ['openjd_env: "A=one\\ntwo \\u00e9"', { kind: 'env', name: 'A', value: 'one\ntwo é', isSecret: false }],
    ['openjd_env: A="quoted"', { kind: 'env', name: 'A', value: '"quoted"', isSecret: false }],
    ['openjd_env: A=b\u2028c\u2029d\re', { kind: 'env', name: 'A', value: 'b\u2028c\u2029d\re', isSecret: false }],
    ['openjd_env: "A=b\u2028\\nc"', { kind: 'env', name: 'A', value: 'b\u2028\nc', isSecret: false }],
    ['openjd_status: half\rway\u2029there', { kind: 'status', text: 'half\rway\u2029there' }],
    ['openjd_service_ready: listening', { kind: 'service_ready', text: 'listening' }],
    ['openjd_unset_env: A_1', { kind: 'unset_env', name: 'A_1' }],
    ['openjd_session_runtime_loglevel: DEBUG', { kind: 'loglevel', level: 'DEBUG' }],
  ])('is %s', (line, message) => {
    const heard = filtered(`before\n${line}\nafter\n`)
    expect(heard.messages).toEqual([message])
    expect(heard.text).toBe(`before\n${line}\nafter\n`)
    expect(filtered(`${line}\r\n`).messages).toEqual([message])
    expect(filtered(line, 1).messages).toEqual([message])
  })

  test.each([
    'openjd_progress:50',
    'openjd_status:',
    'openjd_status: ',
    'see openjd_env: A=b',
    '> openjd_env A',
    ' openjd_status: x',
    'OPENJD_PROGRESS: 5',
    'openjd_unknown: x',
    'openjd_environment: ready',
    'openjd_envvar=1',
    'openjd_env_file: .env',
    'openjd_env.sh: line 3: no such file',
    'openjd_redacted_environment: A=b',
    'openjd_service_ready',
  ])('is not "%s", which is output like any other', (line) => {
    expect(filtered(`${line}\n`)).toMatchObject({ text: `${line}\n`, messages: [], malformed: [] })
  })

  test.each([
    ['openjd_env: FOO', 'there is no "="'],
    ['openjd_env: 1A=b', 'begins with no digit'],
    ['openjd_env: "A=b', 'closing quote'],
    ['openjd_env: "A=\\u0000"', 'NUL'],
    ['openjd_env', 'nearly a message'],
    ['openjd_env:A=b', 'nearly a message'],
    ['openjd_env A=b', 'nearly a message'],
    ['openjd_env=A', 'nearly a message'],
    ['openjd_env : A=b', 'nearly a message'],
    ['OPENJD_ENV: A=b', 'nearly a message'],
    ['  openjd_env: A=b', 'nearly a message'],
    ['\topenjd_unset_env: A', 'nearly a message'],
    ['openjd_unset_env: A=b', 'the name of a variable'],
    ['openjd_unset_env: A ', 'the name of a variable'],
  ])('that is malformed, "%s", fails the action and is named', (line, why) => {
    const heard = filtered(`${line}\nafter\n`)
    expect(heard.messages).toEqual([])
    expect(heard.malformed).toHaveLength(1)
    expect(heard.malformed[0]).toContain(`"${line}"`)
    expect(heard.malformed[0]).toContain(why)
    expect(heard.lines[0]).toContain(`${line} -- ERROR: `)
    expect(heard.lines[1]).toBe('after')
  })

  test.each(['openjd_progress: 101', 'openjd_progress: -1', 'openjd_progress: nan', 'openjd_progress: much'])(
    'about progress that is malformed, "%s", is only named in its line',
    (line) => {
      const heard = filtered(`${line}\n`)
      expect(heard).toMatchObject({ messages: [], malformed: [] })
      expect(heard.text).toMatch(new RegExp(`^${line} -- ERROR: progress is a number from 0 to 100`))
    },
  )

  test('is found in every line of a chunk, and in the order of the lines', () => {
    const heard = filtered('openjd_status: one\nx\nopenjd_status: two\n  openjd_env: A\n\nopenjd_status: three')
    expect(heard.messages.map((message) => 'text' in message && message.text)).toEqual(['one', 'two', 'three'])
    expect(heard.malformed).toHaveLength(1)
  })

  test('that is longer than a line can be sets no half of a variable', () => {
    const heard = filtered(`openjd_env: A=${'x'.repeat(70_000)}\nopenjd_status: after\n`)
    expect(heard.messages).toEqual([{ kind: 'status', text: 'after' }])
    expect(heard.malformed[0]).toContain('at most 64000 characters')
  })
})

describe('a line', () => {
  test('is three entries at 64,000 + 64,000 + 1 characters, however it comes', () => {
    for (const chunkBytes of [Number.POSITIVE_INFINITY, 65_536, 999]) {
      const { lines } = filtered('x'.repeat(128_001), chunkBytes)
      expect(lines.map(({ length }) => length)).toEqual([64_000, 64_000, 1])
    }
  })

  test('is one entry at 64,000 characters, with a line break or without', () => {
    expect(filtered('x'.repeat(64_000)).lines).toHaveLength(1)
    expect(filtered(`${'x'.repeat(64_000)}\ny\n`).lines.map(({ length }) => length)).toEqual([64_000, 1])
  })

  test('is cut between characters, never within one', () => {
    for (const chunkBytes of [Number.POSITIVE_INFINITY, 7_777]) {
      const { lines } = filtered('é€😀'.repeat(30_000), chunkBytes)
      expect(lines.map((line) => [...line].length)).toEqual([64_000, 26_000])
      expect(lines.join('')).toBe('é€😀'.repeat(30_000))
    }
  })

  test('among others that is too long is cut, the others are not', () => {
    const { lines } = filtered(`a\n${'x'.repeat(64_001)}\nb\n${'y'.repeat(63_999)}\n`)
    expect(lines.map(({ length }) => length)).toEqual([1, 64_000, 1, 1, 63_999])
  })

  test('that goes on after a cut begins no message', () => {
    expect(filtered(`${'x'.repeat(64_000)}openjd_status: no\n`).messages).toEqual([])
  })

  test('keeps every byte, also what is no text', () => {
    const bytes = Buffer.from(Array.from({ length: 4_096 }, (_, index) => index % 256))
    for (const chunkBytes of [Number.POSITIVE_INFINITY, 1, 100]) {
      const { bytes: out } = filtered(Buffer.concat([bytes, Buffer.from([0xff, 0xfe, 0x80, 0x0a])]), chunkBytes)
      expect(out.equals(Buffer.concat([bytes, Buffer.from([0xff, 0xfe, 0x80, 0x0a])]))).toBe(true)
    }
  })
})

describe('a secret', () => {
  test('is replaced from the line on that tells it', () => {
    const { lines, messages } = filtered('sesame\nopenjd_redacted_env: KEY=sesame\nopen sesame!\nsesamesesame\n')
    expect(lines).toEqual(['sesame', 'openjd_redacted_env: KEY=********', 'open ********!', '********'])
    expect(messages).toEqual([{ kind: 'env', name: 'KEY', value: 'sesame', isSecret: true }])
  })

  test.each([1, 2, 3, 5, 7, 64])('is replaced whatever the chunks are: %i bytes', (chunkBytes) => {
    const { text } = filtered('openjd_redacted_env: KEY=sesame\nopen sesame! sesame\nx=sesame', chunkBytes)
    expect(text).toBe('openjd_redacted_env: KEY=********\nopen ********! ********\nx=********\n')
  })

  test('is replaced line by line when it has several', () => {
    const told = 'openjd_redacted_env: "PEM=BEGIN it\\nbase64base64\\n}\\nEND it"\n'
    const { lines } = filtered(`${told}BEGIN it\n  base64base64\n}\nEND it\nan object {}\n`)
    expect(lines).toEqual([
      'openjd_redacted_env: PEM=********',
      '********',
      '  ********',
      '********',
      '********',
      'an object {}',
    ])
  })

  test('is replaced as JSON and URLs write it', () => {
    const { lines } = filtered('openjd_redacted_env: K=a"b/c\n{"k":"a\\"b/c"}\nhttp://u:a%22b%2Fc@h\n')
    expect(lines.slice(1)).toEqual(['{"k":"********"}', 'http://u:********@h'])
  })

  test('is replaced where two overlap, so that no end of one is left', () => {
    const { lines } = filtered('xabcdefx\nabc\n', undefined, ['abcd', 'cdef', 'abc'])
    expect(lines).toEqual(['x********x', '********'])
  })

  test('is replaced across the place where a long line is cut', () => {
    for (const chunkBytes of [Number.POSITIVE_INFINITY, 1_000]) {
      const { text } = filtered(`${'x'.repeat(63_997)}sesame${'y'.repeat(100)}\n`, chunkBytes, ['sesame'])
      expect(text).not.toMatch(/ses|ame/)
      expect(text).toContain('********')
    }
  })

  test('is hidden with any characters in it, and nothing similar is hidden', () => {
    const secrets = ['a.b*c|(d)', '[^x]\\d+$', 'pässwörd ✓', '\x01\xff']
    const { lines } = filtered(secrets.map((secret) => `<${secret}>\n`).join(''), undefined, secrets)
    expect(lines).toEqual(secrets.map(() => '<********>'))
    const likes = ['aXbbc', 'c', '5', 'passwörd ✓', '\x01\x7f']
    expect(filtered(likes.map((text) => `${text}\n`).join(''), undefined, secrets).lines).toEqual(likes)
  })

  test('with bytes that are no text is replaced as it was told', () => {
    const told = Buffer.concat([Buffer.from('openjd_redacted_env: KEY='), Buffer.from([0xff, 0x61, 0xc3])])
    const { bytes } = filtered(
      Buffer.concat([told, Buffer.from('\n<'), Buffer.from([0xff, 0x61, 0xc3]), Buffer.from('>\n')]),
    )
    expect(bytes.toString()).toBe('openjd_redacted_env: KEY=********\n<********>\n')
  })

  test.each([
    'openjd_redacted_env: sesame',
    'openjd_redacted_env: 1K=sesame',
    'openjd_redacted_env:KEY=sesame',
    'OPENJD_REDACTED_ENV: KEY=sesame',
    '  openjd_redacted_env : KEY=sesame',
    'openjd_redacted_env: "KEY=sesame',
    'openjd_redacted_env: "1K=sesame"',
    'OPENJD_REDACTED_ENV: "KEY=sesame"',
  ])('is replaced although the message is malformed: %s', (line) => {
    const heard = filtered(`${line}\nopen sesame\n`)
    expect(heard.text + heard.malformed).not.toContain('sesame')
    expect(heard.malformed[0]).toMatch(/redacted_env/i)
  })

  test('that is longer than a line is shown nowhere', () => {
    const heard = filtered(`openjd_redacted_env: KEY=${'sesame'.repeat(20_000)}\nafter\n`, 1_000)
    expect(heard.text + heard.malformed).not.toContain('sesame')
    expect(heard.lines.at(-1)).toBe('after')
    expect(heard.malformed).toHaveLength(1)
  })

  test('is not in the logged command that is going to print it', () => {
    const redactor = new Redactor(['known'])
    const argv = ['sh', '-c', 'use known; echo openjd_redacted_env: A=new; more']
    expect(redactedCommand(argv, redactor)).toBe('sh -c use ********; echo openjd_redacted_env: ********')
  })
})

test('lines without a message cost at most 5 ns a byte', () => {
  const chunk = Buffer.from(`${'x'.repeat(79)}\n`.repeat(819))
  const redactor = new Redactor()
  let received = 0
  const lines = (bytes: Buffer): void => {
    received += bytes.length
  }
  const sink = { lines, message: () => {}, malformed: () => {} }
  const filter = new OutputFilter(redactor, sink)
  const before = process.cpuUsage()
  for (let round = 0; round < 1_600; round++) filter.write(chunk)
  const { user, system } = process.cpuUsage(before)
  expect(received / (user + system)).toBeGreaterThan(200)
})
