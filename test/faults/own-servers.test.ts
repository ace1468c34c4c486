import { expect, test } from 'vitest'
import { isAlive } from '../../src/process/inspect/identity.ts'
import { eventually } from '../support/eventually.ts'
import { useFaultGround } from '../support/fault-ground.ts'
import { useUserProject } from '../support/user-project.ts'
import { commandLine, killWithGuardian, waits } from './holders.ts'

const ground = useFaultGround()
const { run, start } = useUserProject('own-servers')

test('server programs of ours end by themselves when holder and guardian are killed', async () => {
  const held = start(['exec', '--', 'sh', '-c', 'echo exec holds >&2; read -r end'], waits)
  await held.said(/ holds$/m)
  const witness = ground.witness()
  const servers = witness.processes.filter(({ pid }) => commandLine(pid).includes('-server.js'))
  expect(servers).toHaveLength(5)
  await killWithGuardian(held)
  await eventually('the servers have ended', () => !servers.some(isAlive))
  expect((await run(['sweep'])).code).toBe(0)
  await witness.expectNothingLeft()
})
