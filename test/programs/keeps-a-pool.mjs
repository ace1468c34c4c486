// An API with a pool of connections to the Postgres at URL; serves at PORT after its first query.
import { createServer } from 'node:http'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.env.URL })
pool.on('error', () => {})
await pool.query('SELECT 1')
createServer((_request, response) => response.end()).listen(Number(process.env.PORT), '127.0.0.1')
