import { execFileSync } from 'node:child_process'
import { test } from 'vitest'

/** Makes a test that waits until its counterpart runs: on another host, if each host has a single machine. */
export function meet(own: string, other: string): void {
  test('meets the other', { timeout: 60_000 }, () => void execFileSync('sh', ['meet.sh', own, other]))
}
