// Attaches to the running instance that LP_POSTGRES_* names, as a worker does. Prints the milliseconds as JSON.
import pg from 'pg'
import { postgres } from 'test-services/fixtures/postgres'

const rounds = Number(process.argv[2])
const samples = { attachMs: [], resetMs: [] }
for (let round = -1; round < rounds; round++) {
  const service = postgres().create({ label: 'POSTGRES' })
  const startedAt = performance.now()
  await service.setUp({ useExisting: true })
  const attachMs = performance.now() - startedAt
  const client = new pg.Client(service.serviceConfig.url)
  await client.connect()
  await client.query('CREATE TABLE dirt AS SELECT generate_series(1, 1000) AS id')
  await client.end()
  const resetsAt = performance.now()
  await service.reset()
  const resetMs = performance.now() - resetsAt
  await service.cleanUp()
  if (round < 0) continue
  samples.attachMs.push(attachMs)
  samples.resetMs.push(resetMs)
}
process.stdout.write(JSON.stringify(samples))
