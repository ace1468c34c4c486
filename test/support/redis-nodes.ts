import { Redis } from 'ioredis'

interface Nodes {
  readonly serviceConfig: {
    readonly password: string
    readonly nodes: readonly { readonly host: string; readonly port: number }[]
  }
}

/** Sends a command to each of the first nodes, without redirections; returns their answers. */
export async function askEachNode(
  { serviceConfig }: Nodes,
  [command = '', ...words]: string[],
  first?: number,
): Promise<unknown[]> {
  const { nodes, password } = serviceConfig
  return Promise.all(
    nodes.slice(0, first).map(async (node) => {
      const client = new Redis({ ...node, password, lazyConnect: true, retryStrategy: () => null })
      client.on('error', () => {})
      await client.connect()
      return client.call(command, ...words).finally(() => client.disconnect())
    }),
  )
}

/** Whether the first nodes all answer, and have no keys. */
export async function areEmpty(service: Nodes, first?: number): Promise<boolean> {
  const sizes = await askEachNode(service, ['DBSIZE'], first).catch(() => [Number.NaN])
  return sizes.every((size) => size === 0)
}
