import { expect, onTestFinished, test } from 'vitest'
import type { ServiceDefinition } from '../../src/fixture.ts'
import { useTestEngine } from '../support/container-engine.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { installedUrl } from './register.ts'

useCleanState()
const images = { memcached: 'localhost/memcached:1.6', nats: 'localhost/nats:2' }
const engine = useTestEngine({
  [images.memcached]: { programs: ['/usr/bin/memcached'], files: ['/etc/passwd'] },
  [images.nats]: { programs: ['/usr/sbin/nats-server'] },
})

// Redis has the whole contract: redis-container.test.ts.
test.each(['memcached', 'nats'] as const)(
  '%s runs from an image, with its version and a port of 127.0.0.1',
  async (name) => {
    const module: Record<string, (options: object) => ServiceDefinition> = await import(
      installedUrl(`fixtures/${name}`)
    )
    const service = module[name]?.({ image: images[name], version: '>=1.6' }).create({ label: 'SERVER' })
    onTestFinished(() => service?.cleanUp())
    await service?.setUp()
    await service?.check()
    await service?.reset()
    expect(await engine.containers()).toHaveLength(1)
    await service?.cleanUp()
    expect(await engine.containers()).toEqual([])
  },
)
