import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { requireExecutable } from '../../src/process/executable.ts'

/**
 * Returns a directory with a program `valkey-server`, until the test ends. Debian 12 lacks Valkey: the program is a link
 * to the server named by VALKEY_SERVER, which `.ci/run` unpacks, or else to Redis 7.0, of which Valkey is a fork.
 */
export function valkeyDirectory(): string {
  const directory = makeValkeyDirectory()
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Returns a new directory with a program `valkey-server`. The caller removes the directory. */
export function makeValkeyDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ts-valkey-'))
  const redis = requireExecutable('redis-server', { path: process.env.PATH, directory })
  symlinkSync(process.env.VALKEY_SERVER ?? redis, join(directory, 'valkey-server'))
  return directory
}
