import { useService } from 'test-services/vitest'
import { test } from 'vitest'
import { config } from './test.ts'

useService(config.services.library)

test.concurrent('runs beside others', () => {})

test('runs alone', () => {})
