import { expect, test } from 'vitest'
import type { SqlConfig } from '../../fixtures/mariadb/index.ts'
import type { ServiceDefinition } from '../../src/fixture.ts'
import { useTestEngine } from '../support/container-engine.ts'
import { eventually } from '../support/eventually.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { installedTesting, makeDefinitions, register } from './register.ts'
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

const made = await makeDefinitions<ServiceDefinition<SqlConfig>>('mariadb', { image })
const { directory, url, empty, library } = made
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
    module: { url, name: 'library' },
    directory,
    // Five containers with a template at once take 12 s on two idle cores.
    timeoutMs: 60_000,
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
