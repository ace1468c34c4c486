import { expect, test } from 'vitest'
import type { SqlConfig } from '../../fixtures/mariadb/index.ts'
import type { ServiceDefinition } from '../../src/fixture.ts'
import { useTestEngine } from '../support/container-engine.ts'
import { eventually } from '../support/eventually.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { useUserProject } from '../support/user-project.ts'
import { installedTesting, register } from './register.ts'
import { statement } from './sql.ts'

useCleanState()

const image = 'localhost/mariadb:10.11'
const tools = ['awk', 'basename', 'cat', 'chmod', 'chown', 'dirname', 'find', 'hostname', 'id', 'mkdir', 'sed', 'uname']
const engine = useTestEngine({
  [image]: {
    programs: [
      ...['/usr/sbin/mariadbd', '/usr/bin/my_print_defaults', '/usr/bin/resolveip'],
      ...['sh', ...tools].map((name) => `/bin/${name}`),
    ],
    files: [
      '/etc/passwd',
      '/etc/group',
      '/usr/bin/mariadb-install-db',
      '/usr/share/mysql',
      '/usr/lib/mysql/plugin/auth_pam_tool_dir',
    ],
    changes: ['ENV PATH=/usr/sbin:/usr/bin:/bin'],
  },
})

const project = useUserProject('')
project.write('schema.sql', `CREATE TABLE book (title varchar(40)); INSERT INTO book VALUES ('Emma')`)
const url = project.write(
  'library.mjs',
  `import { mariadb } from 'test-services/fixtures/mariadb'
  export const empty = () => mariadb({ image: '${image}' })
  export const library = () => mariadb({ image: '${image}', template: { files: ['schema.sql'] } })`,
)
type Definition = ServiceDefinition<SqlConfig>
const { empty, library }: Record<'empty' | 'library', () => Definition> = await import(url)
const { fixtureContract } = await installedTesting()

const books = statement('SELECT title FROM book')

test('an image without a template has an empty database', async () => {
  const service = empty().create({ label: 'EMPTY' })
  await service.setUp()
  expect(await statement('SHOW TABLES')(service)).toEqual([])
  await service.cleanUp()
})

register(
  fixtureContract(library(), {
    module: { url: `file://${url}`, name: 'library' },
    directory: project.directory,
    write: statement(`INSERT INTO book VALUES ('Persuasion')`),
    read: books,
    tenants: async (service) => (await statement("SHOW DATABASES LIKE 'test\\_%'")(service)).map(String),
    dirt: { 'a row': statement('DELETE FROM book'), 'a table': statement('CREATE TABLE dirt (a int)') },
    isPristine: async (service) =>
      (await books(service)).length === 1 && (await statement('SHOW TABLES')(service)).length === 1,
  }),
)

test('leaves no container', async () => {
  await eventually('the containers are gone', async () => (await engine.containers()).length === 0)
  expect(await engine.containers()).toEqual([])
})
