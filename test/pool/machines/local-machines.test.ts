import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { localMachines } from '../../../src/pool.ts'
import { eventually } from '../../support/eventually.ts'
import { useCleanState } from '../../support/left-nothing.ts'

useCleanState()
const directory = mkdtempSync(join(tmpdir(), 'ts-machines-'))
afterAll(() => rmSync(directory, { recursive: true }))

test('each machine has an empty directory of its own, which goes with it', async () => {
  await using provisioner = localMachines({ slots: 2, directory })
  const machines = [await provisioner.reserve(), await provisioner.reserve()]
  const directories = machines.map((machine) => machine.directory)
  expect(new Set(directories).size).toBe(2)
  expect(directories.map((each) => [dirname(each), existsSync(each)])).toEqual([
    [directory, true],
    [directory, true],
  ])
  expect(machines.map(({ name }) => name)).toEqual(['local-1', 'local-2'])
  await machines[0]?.release()
  expect(directories.map((each) => existsSync(each))).toEqual([false, true])
})

test('the platform is that of this machine, unless an option names another', async () => {
  await using provisioner = localMachines({ slots: 1 })
  const machine = await provisioner.reserve()
  const output: string[] = []
  await machine.transport.run(['uname', '-m'], { onStdout: (chunk) => void output.push(String(Buffer.from(chunk))) })
  expect(machine.platform).toBe(`node${process.versions.node.split('.')[0]}@${output.join('').trim()}`)
  await using other = localMachines({ slots: 1, platform: 'postgres15' })
  expect((await other.reserve()).platform).toBe('postgres15')
})

test('a release ends the commands that still run on the machine', async () => {
  await using provisioner = localMachines({ slots: 1 })
  const machine = await provisioner.reserve()
  const file = join(machine.directory, 'pid')
  const ended = machine.transport.run(['sh', '-c', 'echo $$ > "$0.new"; mv "$0.new" "$0"; exec sleep 600', file]).then(
    () => 'ended',
    () => 'thrown',
  )
  await eventually('the command runs', () => existsSync(file))
  await machine.release()
  expect(await ended).toBe('thrown')
  expect(existsSync(machine.directory)).toBe(false)
})

test('temporary files of a test go with its machine', async () => {
  await using provisioner = localMachines({ slots: 1 })
  const machine = await provisioner.reserve()
  let file = ''
  const onStdout = (chunk: Uint8Array): void => {
    file += Buffer.from(chunk)
  }
  await machine.transport.run(['mktemp'], { onStdout })
  expect(file.startsWith(`${machine.directory}/`)).toBe(true)
  await machine.release()
  expect(existsSync(file.trim())).toBe(false)
})
