import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import type { S3Config } from '../../fixtures/s3/index.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { installedTesting, installedUrl, register } from './register.ts'

useCleanState()

const { fixtureContract } = await installedTesting()
const fixture = installedUrl('fixtures/s3')
const { s3 }: typeof import('../../fixtures/s3/index.ts') = await import(fixture)

interface Server {
  readonly serviceConfig: S3Config
}

async function using<T>({ serviceConfig }: Server, use: (client: S3Client) => Promise<T>): Promise<T> {
  const { endpoint, region, accessKeyId, secretAccessKey } = serviceConfig
  const client = new S3Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 })
  return use(client).finally(() => client.destroy())
}

const makeBucket = (service: Server, Bucket = 'written') =>
  using(service, (client) => client.send(new CreateBucketCommand({ Bucket })))

/** Names of buckets, versions of objects, and uploads. */
const content = (service: Server) =>
  using(service, async (client) => {
    const { Buckets = [] } = await client.send(new ListBucketsCommand({}))
    const inside = Buckets.map(async ({ Name: Bucket }) => {
      const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }))
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }))
      return [Bucket, Versions.map(({ Key }) => Key), Uploads.map(({ Key }) => Key)]
    })
    return Promise.all(inside)
  })

async function fill(service: Server): Promise<void> {
  await makeBucket(service, 'full')
  await using(service, async (client) => {
    const VersioningConfiguration = { Status: 'Enabled' as const }
    await client.send(new PutBucketVersioningCommand({ Bucket: 'full', VersioningConfiguration }))
    for (const Key of ['one', 'one', 'two'])
      await client.send(new PutObjectCommand({ Bucket: 'full', Key, Body: Buffer.alloc(100_000) }))
    await client.send(new CreateMultipartUploadCommand({ Bucket: 'full', Key: 'big' }))
  })
}

async function accounts({ serviceConfig: { url, accessKeyId, secretAccessKey } }: Server): Promise<string[]> {
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
