import { connect } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import { monotonicMs } from '../kernel/clock.ts'
import { asError, hasCode } from '../kernel/errors.ts'
import { readStat } from '../process/inspect/identity.ts'
import type { ExternalService } from '../service/external-service.ts'
import { withoutPort } from '../service/service-network.ts'
import { type CasePlan, demand } from './case-plan.ts'
import type { Ground } from './ground.ts'
import { processesOf } from './leftovers.ts'

type Service = ExternalService<object>

/** Hooks of the author for a client. */
interface Hooks {
  readonly write: (service: Service) => unknown
  readonly read: (service: Service) => unknown
}

const latencyMs = 20
/** Longer than any client waits. */
const endlessMs = 3_600_000

/** Cases about faults made by a test. Each ends in the middle of a fault: the clean-up has to cope. */
export const faultCases: readonly CasePlan[] = [
  {
    name: 'a service that was stopped starts again on its port',
    needs: ['hasProcess'],
    async prove(ground) {
      const service = await ground.started()
      const before = stateOf(service)
      await service.stop()
      await demandNamed(service, 'stop')
      demand(await isRefused(service), 'something answers on the port of the stopped service')
      await service.start()
      await service.check()
      demand(isDeepStrictEqual(stateOf(service), before), 'config or variables differ after the start')
      await service.stop()
    },
  },
  {
    name: 'a reset starts a killed service again, and resumes a paused one',
    needs: ['hasProcess'],
    async prove(ground) {
      const service = await ground.started()
      await service.kill()
      await demandNamed(service, 'kill')
      await service.reset()
      await service.check()
      await service.pause()
      await demandNamed(service, 'pause')
      demandPaused(ground)
      await service.reset()
      await service.check()
      await service.pause()
    },
  },
  {
    name: 'clients go through the proxy of the network, which a reset restores',
    needs: ['hasProcess', 'write', 'read'],
    async prove(ground) {
      const service = await startedBehindProxy(ground)
      if (service) await proveNetwork(service, { write: ground.hook('write'), read: ground.hook('read') })
    },
  },
]

/** Returns `undefined` for a service without a TCP port. */
async function startedBehindProxy(ground: Ground): Promise<Service | undefined> {
  try {
    return await ground.started({ network: true })
  } catch (thrown) {
    if (hasCode(thrown, 'ERR_CONFIG') && asError(thrown).message.endsWith(withoutPort)) return undefined
    throw thrown
  }
}

async function proveNetwork(service: Service, hooks: Hooks): Promise<void> {
  const read = async (): Promise<unknown> => hooks.read(service)
  const { network } = service
  await network.latency(latencyMs)
  const startedAt = monotonicMs()
  await hooks.write(service)
  demand(monotonicMs() - startedAt >= latencyMs, '"write" is quicker than the latency: does it use the config?')
  const before = await read()
  const demandSame = (after: unknown, when: string): void =>
    demand(isDeepStrictEqual(after, before), `"read" returns something else ${when}`)
  await network.cut()
  const asked = read()
  await network.restore()
  demandSame(await asked, 'after a cut of the network')
  await network.resetConnections()
  demandSame(await read(), 'after a reset of its connections')
  await network.latency(endlessMs)
  await service.reset()
  await read()
}

function stateOf({ serviceConfig, variables }: Service): object {
  return { serviceConfig, variables }
}

/** The check has to name the fault, and must not report a death. */
async function demandNamed(service: Service, fault: string): Promise<void> {
  const error = await service.check().then(() => undefined, asError)
  const isNamed = hasCode(error, 'ERR_STATE') && error?.message.includes(`${fault}() of this test`)
  demand(Boolean(isNamed), `"check" after ${fault}(): ${error?.message ?? 'no error'}`)
}

function demandPaused({ place }: Ground): void {
  const running = processesOf(place.stateDirectory).filter(({ pid }) => readStat(pid)?.state !== 'T')
  demand(running.length === 0, `pause() leaves running: ${running.map(({ pid }) => `process ${pid}`).join(', ')}`)
}

/** Whether the port refuses connections; `true` for a service without a port. */
async function isRefused({ serviceConfig }: Service): Promise<boolean> {
  const { host = '127.0.0.1', port } = serviceConfig as { readonly host?: string; readonly port?: number }
  if (!port) return true
  const socket = connect({ host, port })
  const error = await new Promise((resolve) => {
    socket.once('connect', () => resolve(undefined))
    socket.once('error', resolve)
  })
  socket.destroy()
  return error !== undefined
}
