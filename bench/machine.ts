import { readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import type { Ground } from './ground.ts'
import { HeldInstance } from './held-instance.ts'

/** Describes the machine in words. */
export async function describeMachine(ground: Ground): Promise<string> {
  const [processor] = cpus()
  const memory = ground.memory ? `${fileSystemOf(ground.memory)} in memory` : 'no file system in memory'
  return [
    `${cpus().length} × ${processor?.model.trim() || process.arch}`,
    `${Math.round(totalmem() / 1024 ** 3)} GiB`,
    `${process.platform} ${release()}`,
    `${fileSystemOf(ground.directory)} on disk, ${memory}`,
    `Node ${process.version}`,
    `Postgres ${await postgresVersion(ground)}`,
  ].join(', ')
}

async function postgresVersion(ground: Ground): Promise<string> {
  await using held = await HeldInstance.create(ground)
  return held.version
}

/**
 * Returns the type of the file system at a path: the nearest mount above the path. Of two mounts at one place, the last
 * hides the first.
 */
function fileSystemOf(path: string): string {
  const lines = readFileSync('/proc/self/mounts', 'utf8').trim().split('\n')
  const mounts = lines.map((line) => line.split(' ')).map(([, place = '', type = '']) => ({ place, type }))
  const above = mounts.filter(({ place }) => place === '/' || `${path}/`.startsWith(`${place}/`))
  return above.reduce((best, mount) => (mount.place.length >= best.place.length ? mount : best)).type
}
