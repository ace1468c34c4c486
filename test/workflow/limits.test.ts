import { once } from 'node:events'
import { type AddressInfo, createServer, type ListenOptions, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { TransportOptions } from '../../src/config/transport-options.ts'
import type { Script } from '../../src/workflow/script/script.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { type TestStep, WorkflowGround } from '../support/workflow-ground.ts'

const { stateDirectory } = useCleanState()
const limitMs = 300
/** Less than the 10 s and more after which the opening itself would end; enough for a busy machine. */
const soonMs = 8_000

/** Starts a server that accepts connections, and never answers. */
async function silentServer(options: ListenOptions): Promise<AddressInfo> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => void sockets.add(socket))
  server.listen(options)
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return server.address() as AddressInfo
}

/** Transports to machines that do not answer. */
const silent: Readonly<Record<string, (on: WorkflowGround) => Promise<TransportOptions>>> = {
  ssh: async () => {
    const { port } = await silentServer({ host: '127.0.0.1', port: 0 })
    return { type: 'ssh', host: '127.0.0.1', port, user: 'nobody', agent: false, password: 'none' }
  },
  'a running container': async (on) => ({ type: 'container', name: 'any', engine: await silentEngine(on) }),
  'a new container': async (on) => {
    vi.stubEnv('DOCKER_HOST', await silentEngine(on))
    onTestFinished(() => void vi.unstubAllEnvs())
    return { type: 'container', image: 'localhost/machine:1' }
  },
}

async function silentEngine({ directory }: WorkflowGround): Promise<string> {
  const path = join(directory, 'engine.sock')
  await silentServer({ path })
  return `unix://${path}`
}

type Stuck = Omit<TestStep, 'name'> & { readonly signal?: AbortSignal }

/** Runs a step that a silent machine keeps from its end. Returns the state of the step, and the duration of the run. */
async function stuckOn(machine: string, { signal = new AbortController().signal, ...step }: Stuck) {
  const on = new WorkflowGround(stateDirectory)
  const transports = { machine: (await silent[machine]?.(on)) as TransportOptions }
  const startedAt = performance.now()
  const { state } = await on.run([{ name: 'stuck', ...step }], { transports, signal })
  return { ...state.steps[0], tookMs: performance.now() - startedAt }
}

test.each(Object.keys(silent))('the limit of a step ends the opening of %s', async (machine) => {
  const { error, tookMs } = await stuckOn(machine, { run: ['true'], timeoutMs: limitMs })
  expect(error).toBe('the step stuck took longer than its timeout of 0.3 s')
  expect(tookMs).toBeLessThan(soonMs)
})

test.each(Object.keys(silent))('the limit of a command ends the opening of %s', async (machine) => {
  const script: Script = (context) => context.run('true', { timeoutMs: limitMs })
  const { error, tookMs } = await stuckOn(machine, { script })
  expect(error).toMatch(/^"true" took longer than \d+ ms$/)
  expect(tookMs).toBeLessThan(soonMs)
})

test.each(Object.keys(silent))('the limit of a step ends a copy to %s', async (machine) => {
  const script: Script = (context) => context.put('/etc/passwd', 'there')
  const { error, tookMs } = await stuckOn(machine, { script, timeoutMs: limitMs })
  expect(error).toBe('the step stuck took longer than its timeout of 0.3 s')
  expect(tookMs).toBeLessThan(soonMs)
})

test.each(Object.keys(silent))('a canceled run does not wait for the opening of %s', async (machine) => {
  const { state, tookMs } = await stuckOn(machine, { run: ['true'], signal: AbortSignal.timeout(limitMs) })
  expect(state).toBe('canceled')
  expect(tookMs).toBeLessThan(soonMs)
})
