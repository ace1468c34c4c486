import { expect } from 'vitest'
import { add, count, tell } from '../support.ts'
import { test } from './test.ts'

for (const name of ['first', 'second', 'third'])
  test(name, async ({ library }) => {
    expect(await count(library)).toBe(0)
    await add(library, name)
    expect(await count(library)).toBe(1)
    tell({ port: String(library.serviceConfig.port) })
  })
