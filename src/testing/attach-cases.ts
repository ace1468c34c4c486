import { isDeepStrictEqual } from 'node:util'
import { Deadline } from '../kernel/deadline.ts'
import { poll } from '../kernel/poll.ts'
import type { ExternalService } from '../service/external-service.ts'
import { type CasePlan, demand } from './case-plan.ts'
import { type Ground, label } from './ground.ts'
import { guaranteedMs } from './leftovers.ts'

type Service = ExternalService<object>
const ofFiles = /_(CONTROL_PID|PIDFILE|CONFIGFILE|LOGFILE)$/
const pauses = { firstMs: 5, lastMs: 50 } as const

/** Cases about clients of a running instance. */
export const attachCases: readonly CasePlan[] = [
  {
    name: 'a client attaches by the variables alone, and by the config file alone',
    needs: [],
    async prove(ground) {
      const running = await ground.started()
      const before = await tenantsOf(ground, running)
      const all = Object.entries(running.variables)
      const scalars = Object.fromEntries(all.filter(([name]) => !ofFiles.test(name)))
      const file = { [`LP_${label}_CONFIGFILE`]: running.files.configFile }
      for (const environment of Object.keys(scalars).length > 0 ? [scalars, file] : [file]) {
        const client = await ground.attached(environment)
        await client.check()
        await client.reset()
        await client.cleanUp()
      }
      await running.check()
      demand(isDeepStrictEqual(await tenantsOf(ground, running), before), 'a client leaves its tenant behind')
    },
  },
  {
    name: 'tenants do not see each other',
    needs: ['tenants', 'write', 'read'],
    async prove(ground) {
      const running = await ground.started()
      const [one, other] = await Promise.all([ground.attached(running.variables), ground.attached(running.variables)])
      const read = ground.hook('read')
      const before = await Promise.all([read(running), read(other)])
      await ground.hook('write')(one)
      demand(!isDeepStrictEqual(await read(one), before[1]), '"read" returns the same before and after "write"')
      const after = await Promise.all([read(running), read(other)])
      demand(isDeepStrictEqual(after[1], before[1]), 'a tenant sees the data of another tenant')
      demand(isDeepStrictEqual(after[0], before[0]), 'the holder of the instance sees the data of a tenant')
    },
  },
  {
    name: 'a killed client leaves no tenant',
    needs: ['module', 'tenants'],
    async prove(ground) {
      const running = await ground.started()
      const before = await tenantsOf(ground, running)
      const client = await ground.held({ ...process.env, ...running.variables }, { useExisting: true })
      const during = await tenantsOf(ground, running)
      demand(during.length > before.length, '"tenants" does not list the tenant of a client that has attached')
      await client.kill()
      await untilTenants(ground, running, before)
      await running.check()
    },
  },
]

async function tenantsOf(ground: Ground, running: Service): Promise<string[]> {
  return ground.has('tenants') ? [...(await ground.hook('tenants')(running))].sort() : []
}

async function untilTenants(ground: Ground, running: Service, expected: readonly string[]): Promise<void> {
  const deadline = new Deadline('removing the tenant of a client that was killed', guaranteedMs)
  await poll({ ...pauses, deadline }, async () => {
    const present = await tenantsOf(ground, running)
    return isDeepStrictEqual(present, expected) ? true : undefined
  })
}
