import { readFileSync } from 'node:fs'
import { useService } from 'test-services/vitest'
import { test } from 'vitest'
import { config } from './test.ts'

const library = useService(config.services.library, { instance: 'unique' })

test('kills it', () => {
  process.kill(Number(readFileSync(`${library.variables.LP_LIBRARY_PIDFILE}`, 'utf8')), 'SIGKILL')
})

test('comes after', () => {})
