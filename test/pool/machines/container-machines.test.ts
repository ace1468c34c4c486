import { createServer } from 'node:net'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { containerMachines, type Machine } from '../../../src/pool.ts'
import { caught } from '../../support/caught.ts'
import { machineImage, useTestEngine } from '../../support/container-engine.ts'
import { eventually } from '../../support/eventually.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { programArgv, startProgram } from '../../support/program.ts'

useCleanState()
const image = 'localhost/machine:1'
const engine = useTestEngine({ [image]: machineImage })

afterEach(async () => {
  expect(await engine.containers()).toEqual([])
})

async function outputOf({ transport, directory }: Machine, script: string): Promise<string> {
  let output = ''
  const onOutput = (chunk: Uint8Array): void => {
    output += Buffer.from(chunk).toString()
  }
  await transport.run(['sh', '-c', script], { directory, onOutput })
  return output
}

test('each machine is a container of its own, removed when it is given back', async () => {
  await using provisioner = containerMachines({ image, slots: 2, environment: { COLOUR: 'green' } })
  const machines = await Promise.all([provisioner.reserve(), provisioner.reserve()])
  expect(machines.map(({ name }) => name).sort()).toEqual([`${image}/1`, `${image}/2`])
  expect(machines[0].platform).toBe(`linux@${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}`)
  for (const machine of machines) expect(await outputOf(machine, 'echo *; echo $COLOUR > file')).toBe('*\n')
  expect(await outputOf(machines[1], 'cat file')).toBe('green\n')
  await machines[0].release()
  expect(await engine.containers()).toHaveLength(1)
})

test('a machine reaches a service of this host, unless it has a network of its own', async () => {
  const server = createServer((socket) => socket.end('barley\n'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const target = { host: '127.0.0.1', port: (server.address() as { readonly port: number }).port }
  await using provisioner = containerMachines({ image, slots: 1 })
  const machine = await provisioner.reserve()
  const { port } = await machine.transport.expose(target)
  expect(await outputOf(machine, `busybox nc 127.0.0.1 ${port}`)).toBe('barley\n')
})

test('a container ends by itself after its longest life, and its engine removes it', async () => {
  await using provisioner = containerMachines({ image, slots: 1, longestLifeMs: 4_000 })
  const machine = await provisioner.reserve()
  const running = caught(machine.transport.run(['sleep', '600']))
  expect(await running).toMatchObject({ code: 'ERR_TRANSPORT' })
  await eventually('the container is removed', async () => (await engine.containers()).length === 0)
})

test('a machine whose container was removed can be given back', async () => {
  await using provisioner = containerMachines({ image, slots: 1 })
  const machine = await provisioner.reserve()
  const [name] = await engine.containers()
  await engine.api.require(`/containers/${name}?force=1`, { method: 'DELETE', limitMs: 60_000 })
  expect(await caught(machine.transport.run(['true']))).toMatchObject({ code: 'ERR_TRANSPORT' })
  await machine.release()
  expect((await provisioner.reserve()).name).toBe(`${image}/2`)
})

test('an image that is not there is a mistake, and is not tried again', async () => {
  await using provisioner = containerMachines({ image: 'localhost/none:1', slots: 1, pauseMs: 3_600_000 })
  expect(await caught(provisioner.reserve())).toMatchObject({ code: 'ERR_CONFIG' })
})

test('the containers of a process that is killed are gone within 5 seconds', async () => {
  const program = startProgram(programArgv('holds-machines.ts', 'container', JSON.stringify({ image, slots: 1 })))
  await program.line()
  expect(await engine.containers()).toHaveLength(1)
  await program.kill()
  await eventually('the container is gone', async () => (await engine.containers()).length === 0)
})
