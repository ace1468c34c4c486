import { createConnection } from 'mysql2/promise'
import type { SqlConfig } from '../../fixtures/mariadb/index.ts'
import type { ServiceDefinition } from '../../src/fixture.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { useUserProject } from '../support/user-project.ts'
import { installedTesting, register } from './register.ts'

useCleanState()

const project = useUserProject('')
project.write('schema.sql', `CREATE TABLE book (title varchar(40)); INSERT INTO book VALUES ('Emma')`)
const url = project.write(
  'library.mjs',
  `import { mariadb } from 'test-services/fixtures/mariadb'
  export const library = () => mariadb({ template: { files: ['schema.sql'] } })`,
)
const { library }: { library: () => ServiceDefinition<SqlConfig> } = await import(url)
const { fixtureContract } = await installedTesting()

interface Database {
  readonly serviceConfig: SqlConfig
}

const run =
  (text: string) =>
  async ({ serviceConfig }: Database): Promise<unknown[]> => {
    const client = await createConnection(serviceConfig.url)
    try {
      const [rows] = await client.query(text)
      return Array.isArray(rows) ? rows.flatMap((row) => Object.values(row)) : []
    } finally {
      client.destroy()
    }
  }
const books = run('SELECT title FROM book')
const tables = run('SHOW TABLES')

register(
  fixtureContract(library(), {
    module: { url: `file://${url}`, name: 'library' },
    directory: project.directory,
    write: run(`INSERT INTO book VALUES ('Persuasion')`),
    read: books,
    tenants: async (service) => (await run("SHOW DATABASES LIKE 'test\\_%'")(service)).map(String),
    dirt: {
      'a row': run('DELETE FROM book'),
      'a table': run('CREATE TABLE dirt (a int)'),
      'an emptied table': run('TRUNCATE TABLE book'),
    },
    isPristine: async (service) => (await books(service)).length === 1 && (await tables(service)).length === 1,
  }),
)
