import { expect, test } from 'vitest'
import { isAlive } from '../../src/process/inspect/identity.ts'
import { eventually } from '../support/eventually.ts'
import { useFaultGround } from '../support/fault-ground.ts'
import { useUserProject } from '../support/user-project.ts'
import { commandLine, killWithGuardian, waits } from './holders.ts'

const ground = useFaultGround()
const { run, start } = useUserProject(`
import { defineConfig } from 'test-services'
import { dynamodb } from 'test-services/fixtures/dynamodb'
import { librarian } from 'test-services/fixtures/librarian'
import { mosquitto } from 'test-services/fixtures/mosquitto'
import { s3 } from 'test-services/fixtures/s3'
import { smtp } from 'test-services/fixtures/smtp'
export default defineConfig({ services: {
  dynamodb: dynamodb(), librarian: librarian(), mosquitto: mosquitto({ from: 'npm' }), s3: s3(), smtp: smtp(),
} })`)

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
