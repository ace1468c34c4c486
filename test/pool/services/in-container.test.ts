import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, inject, test } from 'vitest'
import type { MachineServices } from '../../../src/pool.ts'
import { machineImage, useTestEngine } from '../../support/container-engine.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { useCache } from '../../support/redis-client.ts'

useCleanState()
const installation = inject('installation')
const project = mkdtempSync(join(installation, 'project-'))
afterAll(() => rmSync(project, { recursive: true }))
const configFile = join(project, 'test-services.config.mjs')
writeFileSync(
  configFile,
  `import { redis } from 'test-services/fixtures/redis'\nexport default { services: { cache: redis() } }\n`,
)

const image = 'localhost/node-machine:1'
const programs = [...machineImage.programs, process.execPath, '/usr/bin/redis-server']
const changes = [`ENV PATH=/usr/bin:/bin:${dirname(process.execPath)}`]
const engine = useTestEngine({ [image]: { programs, changes } })
const pool: typeof import('../../../src/pool.ts') = await import(
  pathToFileURL(join(installation, 'node_modules/test-services/dist/pool.js')).href
)

function keyOf(services: MachineServices, change?: string): Promise<string | null> {
  return useCache(services, async (client) => {
    if (change !== undefined) await client.set('key', change)
    return client.get('key')
  })
}

test('services of its own run in a container, and end with it', async () => {
  await using provisioner = pool.containerMachines({ image, slots: 1 })
  const machine = await provisioner.reserve()
  expect(machine.platform).toMatch(/^node\d+@/)
  const services = await pool.servicesOnMachine(configFile)(machine, AbortSignal.timeout(60_000))
  expect(await keyOf(services, 'value')).toBe('value')
  await services.reset()
  expect(await keyOf(services)).toBe(null)
  await services.close()
  await machine.release()
  expect(await engine.containers()).toEqual([])
})
