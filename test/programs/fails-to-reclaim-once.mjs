// A module that can remove nothing until the file of its data is there.
import { existsSync } from 'node:fs'

export async function reclaim(gate) {
  if (!existsSync(gate)) throw new Error('not yet')
}
