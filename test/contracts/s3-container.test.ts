import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, inject, test } from 'vitest'
import type { S3Config } from '../../fixtures/s3/index.ts'
import type { ServiceDefinition } from '../../src/fixture.ts'
import { useTestEngine } from '../support/container-engine.ts'
import { eventually } from '../support/eventually.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { installedTesting, makeDefinitions, register } from './register.ts'
import { buckets, content, fill, makeBucket } from './s3-hooks.ts'

useCleanState()

// No image of a public server can be pulled here: this one contains our own server behind the entry point of MinIO.
const image = 'localhost/minio:1'
const entry = fileURLToPath(new URL('../programs/plays-s3-image.mjs', import.meta.url))
const dist = join(inject('installation'), 'node_modules/test-services/dist')
const engine = useTestEngine({
  [image]: {
    programs: [process.execPath],
    files: [entry, dist, join(dist, '../package.json')],
    moved: { [process.execPath]: '/bin/node' },
    changes: [
      `ENTRYPOINT ["/bin/node", "${entry}"]`,
      `ENV S3_SERVER=${join(dist, 'fixtures/s3-server.js')}`,
      'EXPOSE 9000',
    ],
  },
})

const { fixtureContract } = await installedTesting()
const options = { image, buckets: ['uploads'] }
const { url, empty } = await makeDefinitions<ServiceDefinition<S3Config>>('s3', options)

register(
  fixtureContract(empty(), {
    module: { url, name: 'empty' },
    write: (service) => makeBucket(service),
    read: content,
    tenants: async (service) => (await buckets(service)).filter((name) => /^tenant-\w+-uploads$/.test(name)),
    dirt: { 'a bucket': (service) => makeBucket(service), 'versions of objects, and an upload': fill },
    isPristine: async (service) =>
      JSON.stringify(await content(service)) === JSON.stringify([[`${service.serviceConfig.prefix}uploads`, [], []]]),
  }),
)

test('leaves no container', async () => {
  await eventually('the containers are gone', async () => (await engine.containers()).length === 0)
  expect(await engine.containers()).toEqual([])
})
