import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, inject, test } from 'vitest'
import { machineImage, useTestEngine } from '../../support/container-engine.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { useCache } from '../../support/redis-client.ts'
import { useUserProject } from '../../support/user-project.ts'

useCleanState()
const installation = inject('installation')
const configFile = useUserProject('').copy('vitest/projects/one-cache/test-services.config.ts')

const image = 'localhost/node-machine:1'
const programs = [...machineImage.programs, process.execPath, '/usr/bin/redis-server']
const changes = [`ENV PATH=/usr/bin:/bin:${dirname(process.execPath)}`]
const engine = useTestEngine({ [image]: { programs, changes } })
const pool: typeof import('../../../src/pool.ts') = await import(
  pathToFileURL(join(installation, 'node_modules/test-services/dist/pool.js')).href
)

test('services of its own run in a container, and end with it', async () => {
  await using provisioner = pool.containerMachines({ image, slots: 1 })
  const machine = await provisioner.reserve()
  expect(machine.platform).toMatch(/^node\d+@/)
  const services = await pool.servicesOnMachine(configFile)(machine, AbortSignal.timeout(60_000))
  await useCache(services, (client) => client.set('key', 'value'))
  await services.reset()
  expect(await useCache(services, (client) => client.get('key'))).toBe(null)
  await services.close()
  await machine.release()
  expect(await engine.containers()).toEqual([])
})
