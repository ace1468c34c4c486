// Says which Postgres answers: it is the same as long as its start is.
import pg from 'pg'

const client = new pg.Client(process.env.LP_POSTGRES_URL)
await client.connect()
const { rows } = await client.query('SELECT pg_postmaster_start_time()::text AS start')
await client.end()
console.log('server of', rows[0].start)
