import pg from 'pg'

// At the top of a module, and without a listener for the errors of idle connections, as most applications have it.
export const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })

export async function add(name) {
  await pool.query('INSERT INTO users VALUES ($1)', [name])
}

export async function names() {
  const { rows } = await pool.query('SELECT name FROM users ORDER BY name')
  return rows.map(({ name }) => name)
}

export async function databaseName() {
  const { rows } = await pool.query('SELECT current_database() AS name')
  return rows[0].name
}
