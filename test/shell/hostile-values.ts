/** A seeded generator (mulberry32), so that a failure can be repeated: `SHELL_SEED=… npx vitest …`. */
export const seed = Number(process.env.SHELL_SEED ?? Date.now() % 2 ** 32)

function createRandom(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function range(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => String.fromCodePoint(first + index))
}

const ascii = range(1, 127)
const quotes = [...'\'"`‘’‚‛“”„', '\\', '!', '$', '\n', ' ']
const pieces = [
  '$(id)',
  '`id`',
  `\${HOME}`,
  '$HOME',
  '!!',
  '!1',
  '\\n',
  "\\'",
  "''",
  '""',
  '\r\n',
  '#',
  ';',
  '&&',
  '%n',
  '{a,b}',
  '~',
  '*',
  '=ls',
]
const beyond = [
  'é',
  'ß',
  '日',
  '本',
  '😀',
  '\u0085',
  '\u00a0',
  '\u2028',
  '\u200b',
  '\ufeff',
  '\uf601',
  '\ufdd0',
  '\uffff',
  '\u{10ffff}',
]
const alphabets = [ascii, quotes, [...quotes, ...pieces], [...quotes, ...beyond], [...ascii, ...pieces, ...beyond]]

const written: readonly string[] = [
  '',
  ' ',
  '  two  ',
  '\n',
  '\n\n',
  'a\n',
  '\na',
  '\t',
  '\r',
  'a\r\nb\r\n',
  "'",
  "''",
  "it's",
  '"',
  '`',
  '\\',
  '\\\\',
  'ends in \\',
  "\\'",
  "'\\''",
  '!',
  'a!b',
  '\\!',
  "!'!",
  '^a^b',
  '=ls',
  'a:=ls',
  '~',
  '~root',
  'a:~',
  '-n',
  '--',
  '%1',
  '@(a|b)',
  '{a,b}',
  '*',
  '[a-z]*',
  '#',
  'a #b',
  '$',
  '$$',
  '$HOME',
  '$(touch /tmp/test-services-was-injected)',
  '`touch /tmp/test-services-was-injected`',
  '"; false; "',
  "'; false; '",
  '<<EOF\nEOF\n',
  'a::b:',
  ':',
  'postgres://user:p%40ss@127.0.0.1:5432/db?host=/tmp/a&x=1',
  '{"json": ["a", 1]}',
  '-----BEGIN KEY-----\nAAAA+/==\n-----END KEY-----\n',
  'é',
  '日本語',
  '😀',
  '\ufeffbom',
  ...ascii,
  ...beyond,
  `long ${'x'.repeat(100_000)}`,
  `${"'\\!\n".repeat(2500)}`,
]

function randomValue(random: () => number): string {
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T
  const alphabet = pick(alphabets)
  return Array.from({ length: Math.floor(random() * 24) }, () => pick(alphabet)).join('')
}

/** All that we thought of, and 600 that we did not, under names of their own (some of which fish splits at colons). */
export function hostileVariables(): Record<string, string> {
  const random = createRandom(seed)
  const values = [...written, ...Array.from({ length: 600 }, () => randomValue(random))]
  return Object.fromEntries(values.map((value, index) => [`V_${index}${index % 3 === 0 ? '_PATH' : ''}`, value]))
}
