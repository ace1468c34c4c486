import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { processExists } from '../../src/kernel/process-exists.ts'

test('is true for a running process, also of another user', () => {
  expect(processExists(process.pid)).toBe(true)
  expect(processExists(1)).toBe(true)
})

test('is false for a process that has ended', () => {
  const { pid } = spawnSync('true')
  expect(processExists(pid)).toBe(false)
  expect(processExists(-pid)).toBe(false)
})
