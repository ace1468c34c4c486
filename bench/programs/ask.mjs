import pg from 'pg'

/** Asks over a new connection, like a test that knows nothing of the test before. */
export async function ask(url, sql = 'SELECT 1') {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** Returns the URL of another database of the same server. */
export function elsewhere(url, database) {
  const other = new URL(url)
  other.pathname = `/${database}`
  return other.href
}
