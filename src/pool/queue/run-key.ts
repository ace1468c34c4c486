import type { Redis } from 'ioredis'
import { parseJson } from '../../kernel/parse-json.ts'

/** Prefix of all our keys in the server of a queue. */
export const keyPrefix = 'test-services'

/** What the server of a queue knows of its run. */
export interface QueuedRun {
  /** Random name of the run, and of its queue. */
  readonly id: string
  /** Host that added the tests. */
  readonly host: string
  /** ISO 8601, in UTC. */
  readonly begin: string
  /** Number of tests; 0 while they are being added. */
  readonly total: number
}

const key = (name: string): string => `${keyPrefix}:run:${name}`

/** How long a run counts as being filled after the last sign of it, in milliseconds. */
const fillingMs = 30_000

/** Claims a name for a run whose tests are being added. Returns whether no other run is being filled. */
export async function claimRun(redis: Redis, name: string, run: QueuedRun): Promise<boolean> {
  return (await redis.set(key(name), JSON.stringify(run), 'PX', fillingMs, 'NX')) === 'OK'
}

/** Puts a run on record, with the number of its tests once all are added. */
export async function writeRun(redis: Redis, name: string, run: QueuedRun): Promise<void> {
  if (run.total === 0) await redis.set(key(name), JSON.stringify(run), 'PX', fillingMs)
  else await redis.set(key(name), JSON.stringify(run))
}

export async function readRun(redis: Redis, name: string): Promise<QueuedRun | undefined> {
  const text = await redis.get(key(name))
  return text === null ? undefined : (parseJson(text) as QueuedRun | undefined)
}

export async function removeRun(redis: Redis, name: string): Promise<void> {
  await redis.del(key(name))
}
