import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import pg from 'pg'

appendFileSync('starts', 'started\n')
// As most applications have it: without a listener for the errors of idle connections.
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })

createServer(async (request, response) => {
  if (request.url === '/crash') process.exit(3)
  if (request.method === 'POST') await pool.query('INSERT INTO users VALUES ($1)', [await text(request)])
  const { rows } = await pool.query('SELECT name FROM users ORDER BY name')
  response.end(JSON.stringify(rows.map(({ name }) => name)))
}).listen(process.env.PORT, '127.0.0.1')
