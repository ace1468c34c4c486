/** Three tests of which none ends before all have posted; then three more. */
import { describe, expect } from 'vitest'
import { ask, tell } from '../support.ts'
import { test } from './test.ts'

let waiting: (() => void)[] = []

function allThree(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve)
    if (waiting.length < 3) return
    for (const go of waiting) go()
    waiting = []
  })
}

describe.each(['first', 'second'])('the %s three', (group) => {
  test.concurrent.for(['one', 'two', 'three'])('%s', async (name, { api, db }) => {
    const posted = await fetch(api.serviceConfig.url, { method: 'POST', body: name })
    await allThree()
    expect(await posted.json()).toEqual([name])
    expect(JSON.parse(await ask(api))).toEqual([name])
    tell({ group, url: db.serviceConfig.url, api: api.serviceConfig.url })
  })
})
