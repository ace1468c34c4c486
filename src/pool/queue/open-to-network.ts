import { asError, TransportError } from '../../kernel/errors.ts'
import { connectRedis } from './redis-connection.ts'

const silenceMs = 10_000

/**
 * Makes a server of this host listen on all its addresses. Its password keeps others out.
 *
 * @throws ERR_TRANSPORT if the server cannot do so while it runs: Redis 7 and Valkey can
 */
export async function openToNetwork(url: string): Promise<void> {
  const redis = await connectRedis(url, silenceMs)
  try {
    await redis.config('SET', 'bind', '* -::*')
  } catch (thrown) {
    throw new TransportError(`--listen needs Redis 7 or later, or Valkey: ${asError(thrown).message}`, {
      cause: thrown,
    })
  } finally {
    redis.disconnect()
  }
}
