import { describe, expect, test } from 'vitest'
import { createDeferred } from '../../../src/kernel/deferred.ts'
import { ConfigError, TransportError } from '../../../src/kernel/errors.ts'
import { createProvisioner, type MachineMaker, type Provisioner } from '../../../src/pool.ts'
import { caught } from '../../support/caught.ts'

/** Hands out machines that exist in a list alone. */
class Register {
  readonly calls: string[] = []
  /** Called before each machine is made. */
  beforeMake: (number: number, signal: AbortSignal) => Promise<void> | void = () => {}
  beforeEnd: () => Promise<void> | void = () => {}

  provisioner(slots: number, options = {}): Provisioner {
    return createProvisioner(this.#maker(slots), { pauseMs: 1, ...options })
  }

  /** Lets each machine be made once `made` is resolved. */
  pauseMaking() {
    const [making, made] = [createDeferred(), createDeferred()]
    this.beforeMake = () => {
      making.resolve()
      return made.promise
    }
    return { making, made }
  }

  #maker(slots: number): MachineMaker {
    return {
      name: 'register',
      slots,
      make: async (number, signal) => {
        this.calls.push(`make ${number}`)
        await this.beforeMake(number, signal)
        const end = async (): Promise<void> => {
          await this.beforeEnd()
          this.calls.push(`end ${number}`)
        }
        return { name: `register-${number}`, platform: 'paper', transport: {} as never, directory: '/nowhere', end }
      },
      close: async () => void this.calls.push('close'),
    }
  }
}

describe('slots', () => {
  test('a second reservation waits until the first machine is released', async () => {
    const register = new Register()
    await using provisioner = register.provisioner(1)
    const first = await provisioner.reserve()
    const second = provisioner.reserve()
    await first.release()
    expect((await second).name).toBe('register-2')
    expect(register.calls).toEqual(['make 1', 'end 1', 'make 2'])
  })

  test('a slot counts while its machine is being made', async () => {
    const register = new Register()
    const { making, made } = register.pauseMaking()
    await using provisioner = register.provisioner(1)
    const reservations = [provisioner.reserve(), provisioner.reserve()]
    await making.promise
    expect(register.calls).toEqual(['make 1'])
    made.resolve()
    await (await reservations[0])?.release()
    await reservations[1]
  })

  test('a slot counts until its machine has ended', async () => {
    const register = new Register()
    const ended = createDeferred()
    await using provisioner = register.provisioner(1)
    const first = await provisioner.reserve()
    register.beforeEnd = () => ended.promise
    const released = first.release()
    const second = provisioner.reserve()
    expect(register.calls).toEqual(['make 1'])
    ended.resolve()
    await released
    await second
    expect(register.calls).toEqual(['make 1', 'end 1', 'make 2'])
  })

  test('waiting reservations get machines in the order of their arrival', async () => {
    await using provisioner = new Register().provisioner(1)
    const order: string[] = []
    const reserve = async (who: string): Promise<void> => {
      const machine = await provisioner.reserve()
      order.push(who)
      await machine.release()
    }
    await Promise.all(['a', 'b', 'c', 'd'].map(reserve))
    expect(order).toEqual(['a', 'b', 'c', 'd'])
  })

  test('a canceled reservation leaves the line and keeps no slot', async () => {
    const register = new Register()
    await using provisioner = register.provisioner(1)
    const first = await provisioner.reserve()
    const givingUp = new AbortController()
    const second = provisioner.reserve({ signal: givingUp.signal })
    const third = provisioner.reserve()
    givingUp.abort()
    expect(await caught(second)).toMatchObject({ code: 'ERR_CANCELED' })
    await first.release()
    expect((await third).name).toBe('register-2')
  })

  test('a machine that is canceled while it is made is ended', async () => {
    const register = new Register()
    const givingUp = new AbortController()
    register.beforeMake = () => givingUp.abort()
    await using provisioner = register.provisioner(1)
    expect(await caught(provisioner.reserve({ signal: givingUp.signal }))).toMatchObject({ code: 'ERR_CANCELED' })
    expect(register.calls).toEqual(['make 1', 'end 1'])
    await provisioner.reserve()
  })

  test('releasing a machine twice ends it once', async () => {
    const register = new Register()
    await using provisioner = register.provisioner(2)
    const machine = await provisioner.reserve()
    await Promise.all([machine.release(), machine.release()])
    await machine.release()
    expect(register.calls).toEqual(['make 1', 'end 1'])
  })

  test('a release that fails gives its slot back, and fails again when repeated', async () => {
    const register = new Register()
    await using provisioner = register.provisioner(1)
    const machine = await provisioner.reserve()
    register.beforeEnd = () => Promise.reject(new Error('the disk is gone'))
    expect(await caught(machine.release())).toMatchObject({ message: 'the disk is gone' })
    expect(await caught(machine.release())).toMatchObject({ message: 'the disk is gone' })
    register.beforeEnd = () => {}
    await provisioner.reserve()
  })
})

describe('failures', () => {
  test('a reservation that fails twice and then works gives a machine', async () => {
    const register = new Register()
    register.beforeMake = (number) => (number < 3 ? Promise.reject(new Error('no route')) : undefined)
    await using provisioner = register.provisioner(1)
    expect((await provisioner.reserve()).name).toBe('register-3')
  })

  test('a reservation fails after its last attempt, and keeps no slot', async () => {
    const register = new Register()
    register.beforeMake = (number) => (number < 3 ? Promise.reject(new Error('no route')) : undefined)
    await using provisioner = register.provisioner(1, { attempts: 2 })
    expect(await caught(provisioner.reserve())).toMatchObject({
      code: 'ERR_TRANSPORT',
      message: 'register: no machine after 2 attempts: no route',
    })
    await provisioner.reserve()
  })

  test.for([
    ['a mistake in the config', new ConfigError('there is no such image')],
    ['a permanent failure of the transport', new TransportError('the key is refused', { isPermanent: true })],
  ] as const)('%s is not tried again', async ([, mistake]) => {
    const register = new Register()
    register.beforeMake = () => Promise.reject(mistake)
    await using provisioner = register.provisioner(1)
    expect(await caught(provisioner.reserve())).toBe(mistake)
    expect(register.calls).toEqual(['make 1'])
  })

  test('an unknown option is refused', () => {
    expect(() => new Register().provisioner(1, { atempts: 2 })).toThrow(
      'createProvisioner().atempts: unknown key (did you mean "attempts"?)',
    )
  })
})

describe('close', () => {
  test('releases all machines, and then closes their maker', async () => {
    const register = new Register()
    const provisioner = register.provisioner(2)
    await provisioner.reserve()
    await provisioner.reserve()
    await Promise.all([provisioner.close(), provisioner.close()])
    expect(register.calls).toEqual(['make 1', 'make 2', 'end 1', 'end 2', 'close'])
  })

  test('ends a machine that is being made, and rejects those who wait', async () => {
    const register = new Register()
    const { making, made } = register.pauseMaking()
    const provisioner = register.provisioner(1)
    const reservations = [provisioner.reserve(), provisioner.reserve()].map((each) => caught(each))
    await making.promise
    const closed = provisioner.close()
    made.resolve()
    await closed
    expect(register.calls).toEqual(['make 1', 'end 1', 'close'])
    for (const reservation of reservations) expect(await reservation).toMatchObject({ code: 'ERR_STATE' })
  })

  test('ends the pause before a further attempt', async () => {
    const register = new Register()
    const failed = createDeferred()
    register.beforeMake = () => {
      failed.resolve()
      return Promise.reject(new Error('no route'))
    }
    const provisioner = register.provisioner(1, { pauseMs: 3_600_000 })
    const reservation = caught(provisioner.reserve())
    await failed.promise
    await provisioner.close()
    expect(await reservation).toMatchObject({ code: 'ERR_STATE' })
    expect(register.calls).toEqual(['make 1', 'close'])
  })

  test('tells that a machine could not be ended', async () => {
    const register = new Register()
    const provisioner = register.provisioner(1)
    await provisioner.reserve()
    register.beforeEnd = () => Promise.reject(new Error('the disk is gone'))
    expect(await caught(provisioner.close())).toMatchObject({ message: 'the disk is gone' })
  })

  test('a closed provisioner hands out no machine', async () => {
    const provisioner = new Register().provisioner(1)
    await provisioner.close()
    expect(await caught(provisioner.reserve())).toMatchObject({
      code: 'ERR_STATE',
      message: 'register is closed, and hands out no machine',
    })
  })
})
