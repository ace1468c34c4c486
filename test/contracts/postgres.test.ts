import type { PostgresConfig, PostgresDefinition } from '../../fixtures/postgres/index.ts'
import { ask, databases } from '../fixtures/postgres/clients.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { installedTesting, makeDefinitions, register } from './register.ts'

useCleanState()

const { directory, url, library } = await makeDefinitions<PostgresDefinition>('postgres')
const { fixtureContract } = await installedTesting()

interface Database {
  readonly serviceConfig: PostgresConfig
}
const run = (text: string) => (service: Database) => ask(service.serviceConfig.url, text)
const books = run('SELECT title FROM book')
const tables = run(`SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace`)

register(
  fixtureContract(library(), {
    module: { url, name: 'library' },
    directory,
    write: run(`INSERT INTO book VALUES ('Persuasion')`),
    read: books,
    tenants: ({ serviceConfig }) => databases(serviceConfig),
    dirt: {
      'a row': run(`DELETE FROM book`),
      'a table': run('CREATE TABLE dirt (a int)'),
    },
    isPristine: async (service) => (await books(service)).length === 1 && (await tables(service)).length === 1,
  }),
)
