import { postgres } from '../../fixtures/postgres/index.ts'

/** Sets up a Postgres, or attaches to the one that `LP_DB_*` names when told `attach`, says what it has, and waits. */
const service = postgres().create({ label: 'DB' })
await service.setUp({ useExisting: process.argv[2] === 'attach' })
process.stdout.write(`${JSON.stringify({ pid: service.pid, config: service.serviceConfig })}\n`)
if (process.env.FORGETS !== '1') setInterval(() => {}, 60_000)
