import type { Figure, Peer } from '../figure.ts'
import type { Ground } from '../ground.ts'
import type { Time } from '../program.ts'
import { interleave } from '../rounds.ts'
import { pairwise } from '../statistics.ts'
import type { Subject } from '../subject.ts'

interface Round {
  readonly startMs: number
  /** Reset of a service that nobody has written to. */
  readonly idleMs: number
  readonly resetMs: number
  readonly stopMs: number
}

type BareRound = Pick<Round, 'startMs' | 'stopMs'>

type Samples<Measured> = { readonly [Key in keyof Measured]: readonly number[] }

/** Limits for the medians, in milliseconds. */
interface Goals {
  readonly start?: number
  readonly idle?: number
  readonly reset?: number
  readonly stop?: number
  readonly exec?: number
  /** Whether there is no server to be started by hand in the same way. */
  readonly isAlone?: boolean
}

/**
 * The limits of `exec` are shares of what pifpaf takes for the same: half of 0.38 s for Redis, of 2.25 s for Memcached,
 * of 1.19 s for MariaDB, and 5.65 s by 1.8 for RabbitMQ.
 */
const goals: Readonly<Record<string, Goals>> = {
  redis: { start: 15, reset: 1, stop: 10, exec: 190 },
  memcached: { start: 50, exec: 1125 },
  nats: { start: 50 },
  mosquitto: { start: 50 },
  etcd: { start: 300 },
  openldap: {},
  mariadb: { start: 150, idle: 5, reset: 15, exec: 595 },
  rabbitmq: { start: 2000, reset: 25, exec: 3140, isAlone: true },
  s3: { start: 250, isAlone: true },
  dynamodb: { start: 250 },
  smtp: { start: 250 },
}

/** A start of it takes seconds. */
const slow = ['rabbitmq']

/** A unique instance of each service, beside the bare server that is started by hand and asked the same. */
export const services: Subject = { title: 'A server of its own, of each kind', measure }

async function measure(ground: Ground, rounds: number): Promise<Figure[]> {
  await using ours = ground.start('services.mjs')
  await using bare = await ground.startPeer('bare-servers.mjs')
  const directory = await ground.lendDirectory('bare', ground.memory)
  const figures: Figure[] = []
  for (const [name, goal] of Object.entries(goals)) {
    const few = slow.includes(name) ? Math.min(rounds, 3) : rounds
    const things = {
      ours: () => ours.ask<Round>('round', name),
      exec: () => ground.time([...ground.command, 'exec', '--quiet', name, '--', 'true']),
    }
    const byHand = () => bare.ask<BareRound>('round', name, directory)
    if (goal.isAlone) figures.push(...figuresOf(name, goal, await interleave(few, things)))
    else {
      const samples = await interleave(few, { ...things, bare: byHand })
      figures.push(...figuresOf(name, goal, samples), beyond(samples.ours, samples.bare))
    }
  }
  return [...figures, await together(ground, rounds)]
}

interface Measured {
  readonly ours: Samples<Round>
  readonly exec: Samples<Time>
  readonly bare?: Samples<BareRound>
}

function figuresOf(name: string, goal: Goals, { ours, exec, bare }: Measured): Figure[] {
  const figure = (what: string, samples: readonly number[], limit?: number): Figure => ({
    what: `${name}: ${what}`,
    unit: 'ms',
    samples,
    limits: limit === undefined ? [] : [{ of: 'median', atMost: limit }],
  })
  return [
    { ...figure('setUp', ours.startMs, goal.start), peers: peers('the server by hand', bare?.startMs) },
    figure('reset, nothing written', ours.idleMs, goal.idle),
    figure('reset after a test', ours.resetMs, goal.reset),
    { ...figure('cleanUp', ours.stopMs, goal.stop), peers: peers('SIGTERM by hand', bare?.stopMs) },
    figure('exec … -- true', exec.ms, goal.exec),
  ]
}

function peers(what: string, samples: readonly number[] | undefined): Peer[] {
  return samples === undefined ? [] : [{ what, samples }]
}

/** What a start takes beyond 1.5 times the server by hand. */
function beyond(ours: Samples<Round>, bare: Samples<BareRound>): Figure {
  const samples = pairwise(ours.startMs, bare.startMs, (one, other) => one - 1.5 * other)
  return { what: 'its setUp, less 1.5 times by hand', unit: 'ms', samples, limits: [{ of: 'median', atMost: 20 }] }
}

/** All services by one command, relative to the slowest of them alone. */
async function together(ground: Ground, rounds: number): Promise<Figure> {
  const names = Object.keys(goals)
  const [slowest = ''] = slow
  const timeStart = async (...started: readonly string[]): Promise<Time> => {
    const time = await ground.time([...ground.command, '--daemonise', '--quiet', ...started])
    await ground.time([...ground.command, 'stop', '--quiet'])
    return time
  }
  const { all, alone } = await interleave(Math.min(rounds, 5), {
    all: () => timeStart(...names),
    alone: () => timeStart(slowest),
  })
  return {
    what: `--daemonise of all ${names.length}, relative to ${slowest} alone`,
    unit: '×',
    samples: pairwise(all.ms, alone.ms, (one, other) => one / other),
    limits: [{ of: 'median', atMost: 1.2 }],
  }
}
