import { createConnection } from 'mysql2/promise'
import type { SqlConfig } from '../../fixtures/mariadb/index.ts'

interface Database {
  readonly serviceConfig: SqlConfig
}

/** Returns a hook that runs a statement over a connection of its own, and gives the values of all rows. */
export function statement(text: string): (database: Database) => Promise<unknown[]> {
  return async ({ serviceConfig }) => {
    const client = await createConnection(serviceConfig.url)
    try {
      const [rows] = await client.query(text)
      return Array.isArray(rows) ? rows.flatMap((row) => Object.values(row)) : []
    } finally {
      client.destroy()
    }
  }
}
