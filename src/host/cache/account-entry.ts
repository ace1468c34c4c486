import { reachableDirectory } from '../reach.ts'
import { unprivilegedAccount } from '../unprivileged.ts'
import { type CacheEntryOptions, cacheEntry } from './cache.ts'
import { cacheDirectory } from './cache-directory.ts'

/** Returns the directory of the entries that the account of a server can reach. */
export async function accountCacheDirectory(): Promise<string> {
  return reachableDirectory(cacheDirectory(), await unprivilegedAccount())
}

/** Returns the path of an entry, as `cacheEntry`, in a place that the account of a server can reach. */
export async function accountEntry({ key, ...entry }: Omit<CacheEntryOptions, 'root'>): Promise<string> {
  const { kind, user } = await unprivilegedAccount()
  return cacheEntry({ ...entry, key: [...key, kind, user?.uid], root: await accountCacheDirectory() })
}
