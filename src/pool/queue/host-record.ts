import { hostname } from 'node:os'
import type { Redis } from 'ioredis'
import { parseJson } from '../../kernel/parse-json.ts'
import { keyPrefix } from './run-key.ts'
import type { QueueHost } from './shared-queue.ts'

const membersKey = (run: string): string => `${keyPrefix}:hosts:${run}`
const hostKey = (run: string, member: string): string => `${keyPrefix}:host:${run}:${member}`

/** The record of this process in a run. The server forgets the record without a renewal in time. */
export class HostRecord {
  readonly #redis: Redis
  readonly #run: string
  readonly #member: string
  readonly #lifeMs: number

  constructor(redis: Redis, run: string, { member, lifeMs }: { readonly member: string; readonly lifeMs: number }) {
    this.#redis = redis
    this.#run = run
    this.#member = member
    this.#lifeMs = lifeMs
  }

  async write(machines: QueueHost['machines']): Promise<void> {
    const text = JSON.stringify({ host: hostname(), pid: process.pid, machines } satisfies QueueHost)
    await this.#redis
      .multi()
      .sadd(membersKey(this.#run), this.#member)
      .set(hostKey(this.#run, this.#member), text, 'PX', this.#lifeMs)
      .exec()
  }

  async remove(): Promise<void> {
    await this.#redis.multi().srem(membersKey(this.#run), this.#member).del(hostKey(this.#run, this.#member)).exec()
  }
}

/** Returns the hosts with a recent sign of life. */
export async function readHosts(redis: Redis, run: string): Promise<QueueHost[]> {
  const members = await redis.smembers(membersKey(run))
  if (members.length === 0) return []
  const texts = await redis.mget(members.map((member) => hostKey(run, member)))
  return texts.flatMap((text) => (text === null ? [] : [parseJson(text) as QueueHost]))
}

export async function removeHosts(redis: Redis, run: string): Promise<void> {
  await redis.del(membersKey(run))
}
