import { postgres } from '../../fixtures/postgres/index.ts'

/**
 * Sets up a Postgres, or attaches to the one that `LP_DB_*` names when told `attach`, takes a snapshot when told so, says
 * what it has, and waits.
 */
const service = postgres().create({ label: 'DB' })
await service.setUp({ useExisting: process.argv.includes('attach') })
if (process.argv.includes('snapshot')) await service.snapshot('mine')
process.stdout.write(`${JSON.stringify({ pid: service.pid, config: service.serviceConfig })}\n`)
if (process.env.FORGETS !== '1') setInterval(() => {}, 60_000)
