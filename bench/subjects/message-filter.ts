import { OutputFilter } from '../../src/action/output/output-filter.ts'
import { Redactor } from '../../src/kernel/redactor.ts'
import type { Figure } from '../figure.ts'
import type { Ground } from '../ground.ts'
import { interleave } from '../rounds.ts'
import type { Subject } from '../subject.ts'

const chunkBytes = 65_536
const totalBytes = 64 * 1024 * 1024

interface Output {
  readonly line: string
  readonly secrets?: readonly string[]
}

const outputs: Readonly<Record<string, Output>> = {
  'lines of 8 bytes': { line: 'a line.\n' },
  'lines of 80 bytes': { line: `${'x'.repeat(79)}\n` },
  'lines of 2,000 bytes': { line: `${'word '.repeat(400).slice(1)}\n` },
  'no line break at all': { line: 'no break ' },
  '"openjd_" within lines': { line: 'we speak of openjd_env here and there and everywhere\n' },
  'lines of 80 bytes, three secrets': { line: `${'x'.repeat(79)}\n`, secrets: ['hunter2', 'correct horse', 'xyzzy'] },
}

/** Throughput on one core, with chunks of a pipe's size. */
export const messageFilter: Subject = {
  title: 'Output of an action, without a message in it, through the message filter',
  measure,
}

async function measure(_ground: Ground, rounds: number): Promise<Figure[]> {
  const things = Object.entries(outputs).map(([what, output]) => [what, async () => throughput(output)] as const)
  const samples = await interleave(rounds, Object.fromEntries(things))
  return Object.entries(samples).map(([what, { mbPerSecond = [] }]) => ({
    what,
    unit: 'MB/s',
    samples: mbPerSecond,
    limits: [{ of: 'median', atLeast: 200 }],
  }))
}

function throughput({ line, secrets = [] }: Output): { mbPerSecond: number } {
  const text = Buffer.from(line.repeat(Math.ceil((chunkBytes * 3) / line.length)))
  const chunks = [0, 1, 2].map((index) => text.subarray(index * chunkBytes, (index + 1) * chunkBytes))
  const redactor = new Redactor(secrets)
  let received = 0
  const filter = new OutputFilter(redactor, {
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
  // Bytes per microsecond.
  return { mbPerSecond: received / (user + system) }
}
