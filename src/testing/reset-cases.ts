import { isDeepStrictEqual } from 'node:util'
import type { ExternalService } from '../service/external-service.ts'
import { type CasePlan, demand } from './case-plan.ts'
import type { ContractOptions, Dirt } from './contract-options.ts'
import type { Ground } from './ground.ts'

type Service = ExternalService<object>

/** Cases about resets: a case for each kind of dirt, and a case for the dirt of a tenant. */
export function resetCases({ dirt }: ContractOptions): readonly CasePlan[] {
  const kinds = Object.entries(dirt ?? {})
  const each = kinds.map(
    ([name, soil]): CasePlan => ({
      name: `a reset takes back: ${name}`,
      needs: ['dirt', 'isPristine'],
      prove: async (ground) => proveReset(ground, await ground.started(), [[name, soil]]),
    }),
  )
  return kinds.length > 0 ? [...each, ofTenant] : [withoutDirt, ofTenant]
}

const withoutDirt: CasePlan = {
  name: 'a reset takes back: the dirt that the author names',
  needs: ['dirt', 'isPristine'],
  prove: async () => {},
}

const ofTenant: CasePlan = {
  name: 'a reset of one tenant leaves the others as they are',
  needs: ['tenants', 'write', 'read', 'dirt', 'isPristine'],
  async prove(ground) {
    const running = await ground.started()
    const [one, other] = await Promise.all([ground.attached(running.variables), ground.attached(running.variables)])
    await ground.hook('write')(other)
    const read = ground.hook('read')
    const before = await read(other)
    await proveReset(ground, one, Object.entries(ground.hook('dirt')))
    await running.reset()
    demand(isDeepStrictEqual(await read(other), before), 'the reset has changed the data of another tenant')
  },
}

/** Makes the service dirty and resets the service, twice for each kind of dirt, and resets a clean service once. */
async function proveReset(ground: Ground, service: Service, kinds: readonly [string, Dirt<Service>][]): Promise<void> {
  const isPristine = ground.hook('isPristine')
  demand(await isPristine(service), '"isPristine" is false right after the start')
  for (const [name, soil] of [...kinds, ...kinds]) {
    await soil(service)
    demand(!(await isPristine(service)), `"isPristine" does not see the dirt "${name}"`)
    await service.reset()
    demand(await isPristine(service), `the dirt "${name}" is still there after the reset`)
  }
  await service.reset()
  demand(await isPristine(service), 'a reset of a clean service makes it dirty')
}
