// A module that does not remove the file of a tenant, and says so.
import { existsSync } from 'node:fs'

export async function reclaim({ path, url, password }) {
  if (existsSync(path)) throw new Error(`refused by ${url} with ${password}`)
}
