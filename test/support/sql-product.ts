import { mariadb } from '../../fixtures/mariadb/index.ts'
import { mysql } from '../../fixtures/mysql/index.ts'

/**
 * Directory of a MySQL server, for a run by hand: the tests of MariaDB then run against MySQL, which Debian 12 does not
 * have. `docs/services/mysql.md` says how.
 */
export const mysqlBinaries = process.env.MYSQL_BINARIES

/** Defines a server of MariaDB, or of MySQL in a run by hand. */
export const sqlServer: typeof mariadb = (options) =>
  mysqlBinaries === undefined ? mariadb(options) : mysql({ binaries: mysqlBinaries, ...options })
