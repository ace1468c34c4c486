import pg from 'pg'

/** Over a connection of its own, as a test does that knows nothing of the one before it. */
export async function ask(url, sql = 'SELECT 1') {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** The URL of another database of the same server. */
export function elsewhere(url, database) {
  const other = new URL(url)
  other.pathname = `/${database}`
  return other.href
}
