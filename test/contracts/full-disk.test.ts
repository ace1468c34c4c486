import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type TestContext, test } from 'vitest'
import { expectSkippable } from '../support/fault-ground.ts'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { type Ran, startProcess, useUserProject } from '../support/user-project.ts'

const { stateDirectory } = useCleanState()
const project = useUserProject('')

const why = 'a mount namespace needs root'
const canMount = spawnSync('/usr/bin/unshare', ['--mount', 'true']).status === 0

/** Variables that put the state, or the cache, on the small disk. */
const placed = { state: 'LP_STATE_DIR', cache: 'XDG_CACHE_HOME' }

/**
 * Runs `exec` where memory has no room for data, and a disk of this size has the state or the cache. The mounts are
 * seen by the command alone. Prints what is left of the runs at the end.
 */
async function execOnSmallDisk(fixture: string, place: 'state' | 'cache', size: string): Promise<Ran> {
  const small = join(stateDirectory, 'small')
  mkdirSync(small, { recursive: true, mode: 0o711 })
  const script = join(import.meta.dirname, '../programs/execs-on-a-small-disk.sh')
  const command = [process.execPath, project.command, 'exec', fixture, '--', 'echo', 'ran']
  const argv = ['/usr/bin/unshare', '--mount', 'sh', script, small, size, placed[place], ...command]
  const ran = await startProcess(argv, { cwd: project.directory }).ended
  await expectNothingLeft(stateDirectory)
  return ran
}

function requireMounts({ skip }: TestContext): void {
  if (canMount) return
  expectSkippable(why)
  skip(why)
}

test.for([
  ['mariadb', 'state', '2m', 'MARIADB could not be started: ENOSPC: no space left on device'],
  ['mariadb', 'state', '26m', 'MARIADB ended with exit status 1 while starting'],
  ['mariadb', 'cache', '2m', 'making the data of MARIADB failed'],
  ['postgres', 'state', '2m', 'POSTGRES could not be started: ENOSPC: no space left on device'],
  ['rabbitmq', 'state', '2m', 'RABBITMQ could not be started: ENOSPC'],
  ['etcd', 'state', '200k', 'ETCD ended with exit status 2 while starting'],
] as const)('%s names a full disk: %s of %s', async ([fixture, place, size, message], context) => {
  requireMounts(context)
  const { code, stdout, stderr } = await execOnSmallDisk(fixture, place, size)
  expect({ code, stdout }, stderr).toEqual({ code: 125, stdout: '' })
  expect(stderr).toContain(`error: ${message}`)
  expect(stderr).toMatch(/no space left on device|ENOSPC|out of disk space/i)
})

test.for([
  ['mariadb', '40m'],
  ['rabbitmq', '8m'],
  ['nats', '1m'],
  ['mosquitto', '1m'],
  ['openldap', '1m'],
  ['redis', '1m'],
] as const)('%s starts on a disk with %s', async ([fixture, size], context) => {
  requireMounts(context)
  const { code, stdout, stderr } = await execOnSmallDisk(fixture, 'state', size)
  expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: 'ran\n' })
})
