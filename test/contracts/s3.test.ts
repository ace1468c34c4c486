import { useCleanState } from '../support/left-nothing.ts'
import { installedTesting, installedUrl, register } from './register.ts'
import { content, fill, makeBucket, type S3Server } from './s3-hooks.ts'

useCleanState()

const { fixtureContract } = await installedTesting()
const fixture = installedUrl('fixtures/s3')
const { s3 }: typeof import('../../fixtures/s3/index.ts') = await import(fixture)

async function accounts({ serviceConfig: { url, accessKeyId, secretAccessKey } }: S3Server): Promise<string[]> {
  const headers = { Authorization: `Basic ${btoa(`${accessKeyId}:${secretAccessKey}`)}` }
  const keys = (await (await fetch(`${url}/_test-services/accounts`, { headers })).json()) as string[]
  return keys.filter((key) => key !== accessKeyId)
}

register(
  fixtureContract(s3(), {
    module: { url: fixture, name: 's3' },
    write: (service) => makeBucket(service),
    read: content,
    tenants: accounts,
    dirt: { 'a bucket': (service) => makeBucket(service), 'versions of objects, and an upload': fill },
    isPristine: async (service) => (await content(service)).length === 0,
  }),
)
