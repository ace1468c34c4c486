import { afterAll } from 'vitest'
import { forever, tell } from '../support.ts'
import { test } from './test.ts'

afterAll(forever)

test('passes', ({ library }) => tell({ ran: library.serviceConfig.url }))
