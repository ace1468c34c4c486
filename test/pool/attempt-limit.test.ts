import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { ChangeableLimit } from '../../src/pool/attempt-limit.ts'
import { caught } from '../support/caught.ts'

/** Longer than any pause of a busy machine between two lines of a test. */
const minuteMs = 60_000

describe('ChangeableLimit', () => {
  test('the signal fires at the limit, with what took too long', async () => {
    using limit = new ChangeableLimit('/smoke/login', 5)
    await once(limit.signal, 'abort')

    expect(limit.signal.reason).toMatchObject({
      code: 'ERR_DEADLINE',
      message: 'the test took longer than its limit of 0.005 s',
    })
  })

  test('a new limit begins now', () => {
    using limit = new ChangeableLimit('a', minuteMs)
    limit.restart(10 * minuteMs)

    expect(minutesLeft(limit)).toBe(10)
  })

  test('a limit is extended and shortened', () => {
    using limit = new ChangeableLimit('a', 5 * minuteMs)
    limit.extend(2 * minuteMs)
    expect(minutesLeft(limit)).toBe(7)
    limit.extend(-4 * minuteMs)
    expect(minutesLeft(limit)).toBe(3)
  })

  test('a limit that is shortened below the elapsed time is over', async () => {
    using limit = new ChangeableLimit('a', minuteMs)
    limit.extend(-2 * minuteMs)
    await once(limit.signal, 'abort')

    expect(limit.signal.reason).toMatchObject({ code: 'ERR_DEADLINE' })
  })

  test('saved limits are restored, the last one first', () => {
    using limit = new ChangeableLimit('a', 2 * minuteMs)
    limit.save()
    limit.restart(4 * minuteMs)
    limit.save()
    limit.restart(8 * minuteMs)
    limit.restore()
    expect(minutesLeft(limit)).toBe(4)
    limit.restore()
    expect(minutesLeft(limit)).toBe(2)
  })

  test('a limit that was not saved cannot be restored', async () => {
    using limit = new ChangeableLimit('a', minuteMs)

    expect(await caught(new Promise(() => limit.restore()))).toMatchObject({
      code: 'ERR_STATE',
      message: 'a: no limit is saved; call save() first',
    })
  })

  test('a limit of 0 is refused', async () => {
    using limit = new ChangeableLimit('a', minuteMs)

    expect(await caught(new Promise(() => limit.restart(0)))).toMatchObject({ code: 'ERR_CONFIG' })
  })
})

function minutesLeft({ leftMs }: ChangeableLimit): number {
  return Math.round(leftMs / minuteMs)
}
