import { proposePort } from '../../src/host/port.ts'
import { NetworkProxy } from '../../src/proxy/network-proxy.ts'
import type { Figure } from '../figure.ts'
import type { Ground } from '../ground.ts'
import { interleave } from '../rounds.ts'
import type { Subject } from '../subject.ts'

const host = '127.0.0.1'
/** A multiple of what the server writes at a time. */
const floodBytes = 256 * 1024 * 1024
const bytesPerMb = 1_000_000

/** The proxy of `network: true`, without a fault, beside a direct connection. */
export const proxy: Subject = { title: 'A connection through the proxy of `network: true`, at rest', measure }

async function measure(ground: Ground, rounds: number): Promise<Figure[]> {
  await using server = ground.start('tcp.mjs')
  await using client = ground.start('tcp.mjs')
  const port = await server.ask<number>('listen')
  const between = await NetworkProxy.start({
    label: 'BENCH',
    listen: { host, port: await proposePort() },
    target: { host, port },
  })
  try {
    const samples = await interleave(rounds, {
      proxied: () => connections(client, between.port),
      direct: () => connections(client, port),
    })
    return figuresOf(samples)
  } finally {
    await between.end()
  }
}

interface Measured {
  readonly tripMs: readonly number[]
  readonly mbPerSecond: readonly number[]
  readonly mbPerCpuSecond: readonly number[]
}

function figuresOf({ proxied, direct }: { readonly proxied: Measured; readonly direct: Measured }): Figure[] {
  const peer = (samples: readonly number[]) => [{ what: 'a direct connection', samples }]
  return [
    {
      what: 'round trip of one byte, the median of 1,000',
      unit: 'ms',
      samples: proxied.tripMs,
      limits: [{ of: 'median', atMost: 0.2 }],
      peers: peer(direct.tripMs),
    },
    {
      what: '256 MiB from the server, by the time of one core that the proxy takes',
      unit: 'MB/s',
      samples: proxied.mbPerCpuSecond,
      limits: [{ of: 'median', atLeast: 500 }],
    },
    {
      what: '256 MiB from the server, by the clock, with three busy processes',
      unit: 'MB/s',
      samples: proxied.mbPerSecond,
      peers: peer(direct.mbPerSecond),
    },
  ]
}

/** Client and server are other processes: this process works for the proxy alone. */
async function connections(client: { readonly ask: AskNumber }, port: number): Promise<Record<keyof Measured, number>> {
  const tripMs = await client.ask('roundTrip', port)
  const before = process.cpuUsage()
  const tookMs = await client.ask('receive', port, floodBytes)
  const { user, system } = process.cpuUsage(before)
  const mb = floodBytes / bytesPerMb
  return { tripMs, mbPerSecond: mb / (tookMs / 1_000), mbPerCpuSecond: mb / ((user + system) / 1_000_000) }
}

type AskNumber = (step: string, ...args: readonly number[]) => Promise<number>
