import type { Redis } from 'ioredis'
import { parseJson } from '../../kernel/parse-json.ts'
import type { QueuedRun } from './shared-queue.ts'

/** Prefix of all our keys in the server of a queue. */
export const keyPrefix = 'test-services'

const key = (name: string): string => `${keyPrefix}:run:${name}`

/** Puts a run on record, unless the name is taken. Returns whether the name was free. */
export async function claimRun(redis: Redis, name: string, run: QueuedRun): Promise<boolean> {
  return (await redis.set(key(name), JSON.stringify(run), 'NX')) === 'OK'
}

export async function writeRun(redis: Redis, name: string, run: QueuedRun): Promise<void> {
  await redis.set(key(name), JSON.stringify(run))
}

export async function readRun(redis: Redis, name: string): Promise<QueuedRun | undefined> {
  const text = await redis.get(key(name))
  return text === null ? undefined : (parseJson(text) as QueuedRun | undefined)
}

const removeSame = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"

/** Takes the run off the record, unless a newer run has the name. */
export async function removeRun(redis: Redis, name: string, run: QueuedRun): Promise<void> {
  await redis.eval(removeSame, 1, key(name), JSON.stringify(run))
}
