import type { SqlConfig } from '../../fixtures/mariadb/index.ts'
import type { ServiceDefinition } from '../../src/fixture.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { mysqlBinaries } from '../support/sql-product.ts'
import { useUserProject } from '../support/user-project.ts'
import { installedTesting, register } from './register.ts'
import { statement } from './sql.ts'

useCleanState()

const project = useUserProject('')
project.write('schema.sql', `CREATE TABLE book (title varchar(40)); INSERT INTO book VALUES ('Emma')`)
const name = mysqlBinaries === undefined ? 'mariadb' : 'mysql'
const options = JSON.stringify({ binaries: mysqlBinaries, template: { files: ['schema.sql'] } })
const url = project.write(
  'library.mjs',
  `import { ${name} } from 'test-services/fixtures/${name}'
  export const library = () => ${name}(${options})`,
)
const { library }: { library: () => ServiceDefinition<SqlConfig> } = await import(url)
const { fixtureContract } = await installedTesting()

const books = statement('SELECT title FROM book')
const tables = statement('SHOW TABLES')

register(
  fixtureContract(library(), {
    module: { url: `file://${url}`, name: 'library' },
    directory: project.directory,
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
