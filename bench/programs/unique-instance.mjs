// setUp of a unique instance to the first answered query, and cleanUp, in one process. Prints the milliseconds as JSON.
import pg from 'pg'
import { postgres } from 'test-services/fixtures/postgres'

const rounds = Number(process.argv[2])
const samples = { firstQueryMs: [], stopMs: [] }
for (let round = -1; round < rounds; round++) {
  const service = postgres().create({ label: 'DB' })
  const startedAt = performance.now()
  await service.setUp()
  const client = new pg.Client(service.serviceConfig.url)
  await client.connect()
  await client.query('SELECT 1')
  const firstQueryMs = performance.now() - startedAt
  await client.end()
  const stopsAt = performance.now()
  await service.cleanUp()
  // The first round fills the cache and loads the modules.
  if (round < 0) continue
  samples.firstQueryMs.push(firstQueryMs)
  samples.stopMs.push(performance.now() - stopsAt)
}
process.stdout.write(JSON.stringify(samples))
