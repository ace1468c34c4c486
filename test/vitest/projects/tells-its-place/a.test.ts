import { readdirSync } from 'node:fs'
import { test } from 'vitest'

test('tells', () => console.log([import.meta.dirname, ...readdirSync('.').sort()].join()))
