import { existsSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { ExternalService } from '../service/external-service.ts'
import { type CasePlan, demand } from './case-plan.ts'
import type { Ground } from './ground.ts'

const manyInstances = 5

/** Cases about the order of set-ups and clean-ups. */
export const lifeCycleCases: readonly CasePlan[] = [
  {
    name: 'five unique instances run at once, each with its own port and files',
    needs: [],
    async prove(ground) {
      const services = await Promise.all(Array.from({ length: manyInstances }, () => ground.started()))
      await Promise.all(services.map((service) => service.check()))
      demandDistinct(services)
      const files = services.map(({ files }) => files.configFile)
      await Promise.all(services.map((service) => service.cleanUp()))
      demand(!files.some((path) => existsSync(path)), `a clean-up leaves a config file: ${files.join(', ')}`)
    },
  },
  {
    name: 'what one instance is told, another does not know',
    needs: ['write', 'read'],
    async prove(ground) {
      const [one, other] = await Promise.all([ground.started(), ground.started()])
      const before = await ground.hook('read')(other)
      await ground.hook('write')(one)
      const [written, after] = await Promise.all([ground.hook('read')(one), ground.hook('read')(other)])
      demand(!isDeepStrictEqual(written, before), '"read" returns the same before and after "write"')
      demand(isDeepStrictEqual(after, before), 'a unique instance has the data of another')
    },
  },
  {
    name: 'a set-up can be repeated, also while it runs',
    needs: [],
    async prove(ground) {
      const service = ground.create()
      const { timeoutMs } = ground
      await Promise.all([service.setUp({ timeoutMs }), service.setUp({ timeoutMs })])
      const first = identityOf(service)
      await service.setUp({ timeoutMs })
      demand(isDeepStrictEqual(identityOf(service), first), 'a second set-up makes another instance')
      await service.check()
    },
  },
  {
    name: 'a clean-up can be repeated, and needs no set-up; a start can follow',
    needs: [],
    async prove(ground) {
      await ground.create().cleanUp()
      const service = await ground.started()
      await Promise.all([service.cleanUp(), service.cleanUp()])
      await service.cleanUp()
      demandDown(service)
      await service.setUp({ timeoutMs: ground.timeoutMs })
      await service.check()
    },
  },
]

function demandDistinct(services: readonly ExternalService<object>[]): void {
  const ports = services.map(({ serviceConfig }) => Reflect.get(serviceConfig, 'port')).filter(Boolean)
  demand(new Set(ports).size === ports.length, `two instances have one port: ${ports.join(', ')}`)
  const files = services.map(({ files }) => files.configFile)
  demand(new Set(files).size === files.length, `two instances have one config file: ${files.join(', ')}`)
  const pids = services.flatMap(({ pid }) => pid ?? [])
  demand(new Set(pids).size === pids.length, `two instances have one process: ${pids.join(', ')}`)
}

function identityOf({ pid, files, serviceConfig }: ExternalService<object>): object {
  return { pid, files, serviceConfig }
}

/** Demands an error for the config of a service while the service is down. */
function demandDown(service: ExternalService<object>): void {
  try {
    void service.serviceConfig
  } catch {
    return
  }
  throw new Error('"serviceConfig" is there after the clean-up')
}

/** The last case: looks for leftovers of its own, and of all cases before it. */
export async function proveNothingLeft(ground: Ground): Promise<void> {
  const service = await ground.started()
  if (ground.has('write')) await ground.hook('write')(service)
  const client = await ground.attached(service.variables)
  await client.cleanUp()
  await service.cleanUp()
  await ground.untilNothingLeft()
}
