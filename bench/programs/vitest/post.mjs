import { expect } from 'vitest'

/** Posts a row, and expects the row to be the only one. */
export async function post({ url }) {
  expect(await (await fetch(url, { method: 'POST' })).text()).toBe('1')
}
