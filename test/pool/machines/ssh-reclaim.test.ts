import { expect, test } from 'vitest'
import { epochMs } from '../../../src/kernel/clock.ts'
import { reclaim } from '../../../src/pool/machines/ssh-reclaim.ts'

const hourMs = 3_600_000

function reclaimAt(endsAt: number): Promise<void> {
  const directory = { root: '/tmp/ts-none', mark: 'TEST_SERVICES_MACHINE=none' }
  const options = { host: 'no-such-host.invalid', knownHosts: false } as const
  return reclaim({ options, sealed: { password: 'sealed elsewhere' }, directory, endsAt }, 1_000)
}

test('a machine whose password is lost is left until its host has ended it', async () => {
  await expect(reclaimAt(epochMs() + hourMs)).rejects.toThrow(/the host ends the machine by itself at 20/)
  expect(await reclaimAt(epochMs() - hourMs)).toBeUndefined()
})
