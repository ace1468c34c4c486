// A Redis of its own in the ways of several libraries: until a client has its first answer, and until it is gone.
import { Redis } from 'ioredis'
import MockedRedis from 'ioredis-mock'
import { RedisMemoryServer } from 'redis-memory-server'
import { redis } from 'test-services/fixtures/redis'
import { GenericContainer, Wait } from 'testcontainers'
import { answer, timed } from '../answer.mjs'

const image = 'localhost/redis:8'

/** Ways to start a server. Each returns the URL of the server, and how to stop it. */
const ways = {
  ours: () => ourServer(redis()),
  oursFromImage: () => ourServer(redis({ image })),
  memoryServer: async () => {
    const server = new RedisMemoryServer({ binary: { systemBinary: '/usr/bin/redis-server' } })
    return { url: `redis://${await server.getHost()}:${await server.getPort()}`, stop: () => server.stop() }
  },
  testcontainers: async () => {
    const container = await new GenericContainer(image)
      .withExposedPorts(6379)
      .withCommand(['redis-server', '--bind', '0.0.0.0', '--protected-mode', 'no', '--save', ''])
      .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections/))
      .start()
    return { url: `redis://127.0.0.1:${container.getMappedPort(6379)}`, stop: () => container.stop() }
  },
  mock: async () => ({ url: 'mock', stop: async () => {} }),
}

async function ourServer(definition) {
  const service = definition.create({ label: 'REDIS' })
  await service.setUp()
  return { url: service.serviceConfig.url, stop: () => service.cleanUp() }
}

answer({
  round: async (way) => {
    let client
    let server
    const startMs = await timed(async () => {
      server = await ways[way]()
      client = server.url === 'mock' ? new MockedRedis() : new Redis(server.url)
      await client.ping()
    })
    const stopMs = await timed(async () => {
      client.disconnect()
      await server.stop()
    })
    return { startMs, stopMs }
  },
})
