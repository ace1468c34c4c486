import { OutputFilter } from '../src/action/output-filter.ts'
import { Redactions } from '../src/action/redactions.ts'

/** Output without a message through the filter, in chunks as a pipe gives them: `tsx bench/message-filter.ts`. */
const chunkBytes = 65_536
const totalBytes = 512 * 1024 * 1024

function throughput(line: string, secrets: readonly string[] = []): number {
  const text = Buffer.from(line.repeat(Math.ceil((chunkBytes * 3) / line.length)))
  const chunks = [0, 1, 2].map((index) => text.subarray(index * chunkBytes, (index + 1) * chunkBytes))
  const redactions = new Redactions()
  for (const secret of secrets) redactions.add(secret)
  let received = 0
  const filter = new OutputFilter(redactions, {
    lines: (bytes) => {
      received += bytes.length
    },
    message: () => {},
    malformed: () => {},
  })
  const startedAt = process.cpuUsage()
  for (let written = 0; written < totalBytes; written += chunkBytes * chunks.length)
    for (const chunk of chunks) filter.write(chunk)
  filter.end()
  const { user, system } = process.cpuUsage(startedAt)
  return received / (user + system)
}

const cases: readonly (readonly [string, string, string[]?])[] = [
  ['lines of 8 bytes', 'a line.\n'],
  ['lines of 80 bytes', `${'x'.repeat(79)}\n`],
  ['lines of 2,000 bytes', `${'word '.repeat(400).slice(1)}\n`],
  ['no line break at all', 'no break '],
  ['"openjd_" within lines', 'we speak of openjd_env here and there and everywhere\n'],
  ['lines of 80 bytes, three secrets', `${'x'.repeat(79)}\n`, ['hunter2', 'correct horse', 'xyzzy']],
]

for (const [what, line, secrets] of cases) {
  process.stdout.write(`${what.padEnd(36)} ${throughput(line, secrets).toFixed(0).padStart(6)} MB/s\n`)
}
