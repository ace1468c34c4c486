import type { AwsConfig } from '../../fixtures/aws/index.ts'

interface ClientOptions extends Pick<AwsConfig, 'endpoint' | 'region'> {
  readonly credentials: Pick<AwsConfig, 'accessKeyId' | 'secretAccessKey'>
  readonly maxAttempts: number
}

/** Returns a function that uses a client of an SDK, and ends the client. */
export function usingClient<Client extends { destroy(): void }>(SdkClient: new (options: ClientOptions) => Client) {
  return <T>(
    { serviceConfig }: { readonly serviceConfig: AwsConfig },
    use: (client: Client) => Promise<T>,
  ): Promise<T> => {
    const { endpoint, region, accessKeyId, secretAccessKey } = serviceConfig
    const client = new SdkClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 })
    return use(client).finally(() => client.destroy())
  }
}
