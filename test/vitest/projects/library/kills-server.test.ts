import { readFileSync } from 'node:fs'
import { test as plain } from 'vitest'
import { test } from './test.ts'

plain('kills it', () => {
  process.kill(Number(readFileSync(process.env.LP_LIBRARY_PIDFILE ?? '', 'utf8')), 'SIGKILL')
})

plain('does not use it', () => {})

test('uses it', ({ library: _ }) => {})
