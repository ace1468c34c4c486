import type { SqlConfig } from '../../fixtures/mariadb/index.ts'
import type { ServiceDefinition } from '../../src/fixture.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { mysqlBinaries } from '../support/sql-product.ts'
import { installedTesting, makeDefinitions, register } from './register.ts'
import { statement } from './sql.ts'

useCleanState()

const name = mysqlBinaries === undefined ? 'mariadb' : 'mysql'
const options = { binaries: mysqlBinaries }
const { directory, url, library } = await makeDefinitions<ServiceDefinition<SqlConfig>>(name, options)
const { fixtureContract } = await installedTesting()

const books = statement('SELECT title FROM book')
const tables = statement('SHOW TABLES')

register(
  fixtureContract(library(), {
    module: { url, name: 'library' },
    directory,
    write: statement(`INSERT INTO book VALUES ('Persuasion')`),
    read: books,
    tenants: async (service) => (await statement("SHOW DATABASES LIKE 'test\\_%'")(service)).map(String),
    dirt: {
      'a row': statement('DELETE FROM book'),
      'a table': statement('CREATE TABLE dirt (a int)'),
      'an emptied table': statement('TRUNCATE TABLE book'),
    },
    isPristine: async (service) => (await books(service)).length === 1 && (await tables(service)).length === 1,
  }),
)
