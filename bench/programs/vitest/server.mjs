import { createServer } from 'node:http'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
pool.on('error', () => {})

createServer(async (request, response) => {
  if (request.method === 'POST') await pool.query('INSERT INTO table_001 (name, amount) VALUES ($1, 1)', ['posted'])
  const { rows } = await pool.query("SELECT count(*)::int FROM table_001 WHERE name = 'posted'")
  response.end(String(rows[0].count))
}).listen(Number(process.env.PORT), '127.0.0.1')
