import { asError, TransportError } from '../../kernel/errors.ts'
import { connectRedis } from './redis-connection.ts'

const silenceMs = 10_000

/**
 * Makes a local server listen on all addresses of the host. The password keeps strangers out.
 *
 * @throws ERR_TRANSPORT if the running server cannot change the addresses: Redis 7 and Valkey can
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
