import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, type TestContext, test } from 'vitest'
import { removeSharedMemory } from '../../src/process/shared-memory.ts'
import { started, value } from '../fixtures/postgres/clients.ts'
import { expectSkippable } from '../support/fault-ground.ts'
import { useCleanState } from '../support/left-nothing.ts'

useCleanState()
const directory = mkdtempSync(join(tmpdir(), 'shared-memory-'))
afterAll(() => rmSync(directory, { recursive: true }))

const ipcmk = '/usr/bin/ipcmk'
const why = `there is no ${ipcmk}: apt-get install util-linux`

/** A segment to which nobody is attached, and who has made it. */
function createSegment({ skip }: TestContext): { id: string; creator: number } {
  if (!existsSync(ipcmk)) expectSkippable(why)
  skip(!existsSync(ipcmk), why)
  const { pid, stdout } = spawnSync(ipcmk, ['-M', '4096'], { encoding: 'utf8' })
  const id = /(\d+)/.exec(stdout)?.[1] ?? ''
  onTestFinished(() => void spawnSync('/usr/bin/ipcrm', ['-m', id]))
  return { id, creator: pid }
}

/**
 * The key of a segment; `undefined` when there is none. One that is removed while somebody is attached stays, without.
 *
 * @see proc_sysvipc(5)
 */
function keyOf(id: string): string | undefined {
  const rows = readFileSync('/proc/sysvipc/shm', 'latin1').split('\n')
  return rows.map((row) => row.trim().split(/\s+/)).find((row) => row[1] === id)?.[0]
}

function isThere(id: string): boolean {
  return keyOf(id) !== undefined
}

/** As a server writes it: the pid first, key and id in line 7. */
function pidFile(pid: number, id: string): string {
  const path = join(directory, 'postmaster.pid')
  writeFileSync(path, `${pid}\n/data\n0\n5432\n/tmp\nlocalhost\n  1234  ${id}\n`)
  return path
}

test.for([1, -1])('the segment of a server that has ended is removed (pid written times %d)', async (sign, context) => {
  const { id, creator } = createSegment(context)
  expect(isThere(id)).toBe(true)
  await removeSharedMemory(pidFile(sign * creator, id))
  expect(isThere(id)).toBe(false)
  await removeSharedMemory(pidFile(sign * creator, id))
})

test('one that somebody else has made, who got the number, is left alone', async (context) => {
  const { id, creator } = createSegment(context)
  await removeSharedMemory(pidFile(creator + 1, id))
  expect(isThere(id)).toBe(true)
})

test('one to which somebody is attached is left alone', async () => {
  const service = await started()
  const { dataDirectory, url } = service.serviceConfig
  const file = join(dataDirectory, 'postmaster.pid')
  const id = readFileSync(file, 'latin1').split('\n')[6]?.trim().split(/\s+/)[1] ?? ''
  const key = keyOf(id)
  expect(Number(key)).not.toBe(0)
  await removeSharedMemory(file)
  expect(keyOf(id)).toBe(key)
  expect(await value(url, 'SELECT 1')).toBe(1)
  await service.cleanUp()
  expect(isThere(id)).toBe(false)
})

test('where there is no pid file, or one that is not complete, there is nothing to do', async () => {
  await expect(removeSharedMemory(join(directory, 'none'))).resolves.toBeUndefined()
  const path = join(directory, 'postmaster.pid')
  writeFileSync(path, '1\n/data\n0\n')
  await expect(removeSharedMemory(path)).resolves.toBeUndefined()
})
