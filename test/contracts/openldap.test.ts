import { Attribute, Change, Client, NoSuchObjectError } from 'ldapts'
import type { OpenLdapConfig } from '../../fixtures/openldap/index.ts'
import type { ExternalService } from '../../src/fixture.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { installedTesting, installedUrl, register } from './register.ts'

useCleanState()

const { fixtureContract } = await installedTesting()
const fixture = installedUrl('fixtures/openldap')
const { openldap }: typeof import('../../fixtures/openldap/index.ts') = await import(fixture)

type Service = ExternalService<OpenLdapConfig>

/** Returns a hook that uses a client of its own. */
function using<T>(use: (client: Client, suffix: string) => Promise<T>): (service: Service) => Promise<T> {
  return async ({ serviceConfig: { url, bindDn, password, suffix } }) => {
    const client = new Client({ url })
    try {
      await client.bind(bindDn, password)
      return await use(client, suffix)
    } finally {
      await client.unbind()
    }
  }
}

const read = using(async (client, suffix) => {
  const { searchEntries } = await client.search(suffix, {}).catch((thrown) => {
    if (thrown instanceof NoSuchObjectError) return { searchEntries: [] }
    throw thrown
  })
  return searchEntries
})
const add = (name: string) =>
  using((client, suffix) => client.add(`cn=${name},${suffix}`, { objectClass: 'device', cn: name }))

register(
  fixtureContract(openldap(), {
    module: { url: fixture, name: 'openldap' },
    write: add('written'),
    read,
    tenants: using(async (client) => {
      const { searchEntries } = await client.search('dc=tenants', { scope: 'one', attributes: ['dc'] })
      return searchEntries.map(({ dn }) => dn)
    }),
    dirt: {
      'an entry': add('one'),
      'entries below entries': using(async (client, suffix) => {
        for (const dn of [`ou=a,${suffix}`, `ou=b,ou=a,${suffix}`, `ou=c,ou=b,ou=a,${suffix}`])
          await client.add(dn, { objectClass: 'organizationalUnit' })
      }),
      'many entries': using(async (client, suffix) => {
        for (let number = 0; number < 200; number++)
          await client.add(`cn=device ${number},${suffix}`, { objectClass: 'device' })
      }),
      'a changed entry': using((client, suffix) =>
        client.modify(suffix, [
          new Change({
            operation: 'replace',
            modification: new Attribute({ type: 'description', values: ['changed'] }),
          }),
        ]),
      ),
      'a removed entry': using((client, suffix) => client.del(suffix)),
    },
    isPristine: async (service) => {
      const [entry, ...others] = await read(service)
      return others.length === 0 && entry?.dn === service.serviceConfig.suffix && entry.description === undefined
    },
  }),
)
