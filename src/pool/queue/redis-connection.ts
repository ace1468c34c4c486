import type { Redis } from 'ioredis'
import { optionalPeer } from '../../host/modules/optional-peer.ts'
import { asError, TransportError } from '../../kernel/errors.ts'
import { hiddenPassword } from './hidden-password.ts'

/** How long a try to connect may take, in milliseconds. */
const connectLimitMs = 10_000
const longestPauseMs = 2_000
/** Tries to connect again, before hosts give up: five minutes, and longer where each try takes long. */
const mostTries = 160

/** Oldest usable version: BullMQ needs its streams, scripts and blocking reads. */
const leastVersion = [6, 2] as const

/**
 * Connects to the Redis or Valkey of a queue. After a later loss of the connection, the client tries to connect again
 * for at least five minutes; commands wait.
 *
 * @param silenceMs how long the server may leave a command without an answer before a new connection is made: a cut
 *   network closes no connection
 * @throws ERR_TRANSPORT if the server does not answer, refuses, or is too old; ERR_MISSING_BINARY without ioredis
 */
export async function connectRedis(url: string, silenceMs: number): Promise<Redis> {
  const { Redis } = await optionalPeer('ioredis', () => import('ioredis'))
  let isConnected = false
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    connectTimeout: connectLimitMs,
    socketTimeout: silenceMs,
    // The first connection fails at once; a connection lost later is made again.
    retryStrategy: (times) => (isConnected && times <= mostTries ? Math.min(times * 100, longestPauseMs) : null),
  })
  let refusal: Error | undefined
  redis.on('error', (error) => {
    refusal = error
  })
  try {
    await redis.connect()
    isConnected = true
    await requireVersion(redis)
    return redis
  } catch (thrown) {
    redis.disconnect()
    if (thrown instanceof TransportError) throw thrown
    const reason = (refusal ?? asError(thrown)).message
    throw new TransportError(`the queue at ${hiddenPassword(url)} cannot be reached: ${reason}`, { cause: thrown })
  }
}

async function requireVersion(redis: Redis): Promise<void> {
  const [, version = '0'] = /redis_version:(\S+)/.exec(await redis.info('server')) ?? []
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > leastVersion[0] || (major === leastVersion[0] && minor >= leastVersion[1])) return
  throw new TransportError(`the queue needs Redis ${leastVersion.join('.')} or later, or Valkey; this is ${version}`)
}
