import { Redis } from 'ioredis'
import type { MachineServices } from '../../src/pool.ts'

/** Uses a client that ends with the use. */
export async function useClient<T>(url: string, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null })
  client.on('error', () => {})
  try {
    await client.connect()
    return await use(client)
  } finally {
    client.disconnect()
  }
}

/** Uses a client of the service CACHE of a machine. */
export function useCache<T>({ variables }: MachineServices, use: (client: Redis) => Promise<T>): Promise<T> {
  return useClient(variables.LP_CACHE_URL ?? '', use)
}
