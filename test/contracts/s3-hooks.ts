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
import { usingClient } from './aws-hooks.ts'

export interface S3Server {
  readonly serviceConfig: S3Config
}

const using = usingClient(S3Client)

export const makeBucket = (service: S3Server, name = 'written') =>
  using(service, (client) => client.send(new CreateBucketCommand({ Bucket: service.serviceConfig.prefix + name })))

/** Names of all buckets that the keys open. */
export const buckets = (service: S3Server) =>
  using(service, async (client) => {
    const { Buckets = [] } = await client.send(new ListBucketsCommand({}))
    return Buckets.map(({ Name = '' }) => Name)
  })

/** Whether a bucket belongs to a client, rather than to another one that has attached. */
function isOwn({ serviceConfig: { prefix } }: S3Server, name: string): boolean {
  return prefix === '' ? !name.startsWith('tenant-') : name.startsWith(prefix)
}

/** Names of buckets, versions of objects, and uploads. */
export const content = (service: S3Server) =>
  using(service, async (client) => {
    const own = (await buckets(service)).filter((name) => isOwn(service, name))
    const inside = own.map(async (Bucket) => {
      const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }))
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }))
      return [Bucket, Versions.map(({ Key }) => Key), Uploads.map(({ Key }) => Key)]
    })
    return Promise.all(inside)
  })

export async function fill(service: S3Server): Promise<void> {
  await makeBucket(service, 'full')
  const Bucket = `${service.serviceConfig.prefix}full`
  await using(service, async (client) => {
    const VersioningConfiguration = { Status: 'Enabled' as const }
    await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
    for (const Key of ['one', 'one', 'two'])
      await client.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.alloc(100_000) }))
    await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'big' }))
  })
}
