import { connect } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import { asError, hasCode } from '../kernel/errors.ts'
import { readStat } from '../process/inspect/identity.ts'
import type { ExternalService } from '../service/external-service.ts'
import { type CasePlan, demand } from './case-plan.ts'
import type { Ground } from './ground.ts'
import { processesOf } from './leftovers.ts'

type Service = ExternalService<object>

/** Cases about faults that a test makes. Each ends in the middle of a fault, so that the clean-up has to cope. */
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
]

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
