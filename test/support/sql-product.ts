import { mariadb } from '../../fixtures/mariadb/index.ts'
import { mysql } from '../../fixtures/mysql/index.ts'

/** Directory of a MySQL server, which Debian 12 lacks: `.ci/run` unpacks one. */
const { MYSQL_BINARIES, SQL_PRODUCT } = process.env

/** Directory of the MySQL server to test instead of MariaDB; set in the Vitest project `mysql`. */
export const mysqlBinaries = SQL_PRODUCT === 'mysql' ? MYSQL_BINARIES : undefined

/** Defines the server to test: of MariaDB, or of MySQL. */
export const sqlServer: typeof mariadb = (options) =>
  mysqlBinaries === undefined ? mariadb(options) : mysql({ binaries: mysqlBinaries, ...options })
