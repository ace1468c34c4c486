import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { connect as connectAmqp } from 'amqplib'
import { Etcd3 } from 'etcd3'
import { Client as LdapClient } from 'ldapts'
import { expect, onTestFinished, test } from 'vitest'
import type { ExternalService } from '../../src/fixture.ts'
import { useTestEngine } from '../support/container-engine.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { installedUrl } from './register.ts'

useCleanState()

const images = {
  etcd: 'localhost/etcd:3',
  openldap: 'localhost/openldap:2',
  rabbitmq: 'localhost/rabbitmq:3',
} as const
const rabbit = '/usr/lib/rabbitmq/lib'
const [release = ''] = readdirSync(rabbit)
const erlang = '/usr/lib/erlang'
const newest = (directory: string, start: string): string =>
  join(directory, readdirSync(directory).find((name) => name.startsWith(start)) ?? '')
/** What needs libraries. */
const erlangBinaries = [
  join(newest(erlang, 'erts-'), 'bin/beam.smp'),
  join(newest(join(erlang, 'lib'), 'crypto-'), 'priv/lib/crypto.so'),
]
const engine = useTestEngine({
  [images.etcd]: { programs: ['/usr/bin/etcd'] },
  [images.openldap]: { programs: ['/usr/sbin/slapd'], files: ['/etc/ldap/schema', '/usr/lib/ldap'] },
  [images.rabbitmq]: {
    programs: ['/bin/sh', '/usr/bin/dirname', '/usr/bin/basename', ...erlangBinaries],
    files: ['/usr/bin/erl', erlang, `${rabbit}/${release}`],
    moved: { [`${rabbit}/${release}`]: '/opt/rabbitmq' },
    changes: ['ENV PATH=/usr/bin:/bin'],
  },
})
const { etcd }: typeof import('../../fixtures/etcd/index.ts') = await import(installedUrl('fixtures/etcd'))
const { openldap }: typeof import('../../fixtures/openldap/index.ts') = await import(installedUrl('fixtures/openldap'))
const { rabbitmq }: typeof import('../../fixtures/rabbitmq/index.ts') = await import(installedUrl('fixtures/rabbitmq'))

type Create<S> = (init: { readonly label: string; readonly environment?: Readonly<Record<string, string>> }) => S

/** Starts an instance, and gives it and a client of it with a tenant of its own. */
async function holderAndTenant<S extends ExternalService<object>>(create: Create<S>): Promise<readonly [S, S]> {
  const holder = create({ label: 'SERVICE' })
  onTestFinished(() => holder.cleanUp())
  await holder.setUp()
  const tenant = create({ label: 'SERVICE', environment: holder.variables })
  onTestFinished(() => tenant.cleanUp())
  await tenant.setUp({ useExisting: true })
  return [holder, tenant]
}

test('etcd from an image has tenants, and loses its keys by a reset', async () => {
  for (const service of await holderAndTenant(etcd({ image: images.etcd }).create)) {
    const { url, user: username, password, prefix } = service.serviceConfig
    const client = new Etcd3({ hosts: url, auth: { username, password } })
    await client.put(`${prefix}key`).value('value')
    await service.reset()
    expect(await client.get(`${prefix}key`).string()).toBeNull()
    client.close()
  }
})

test('OpenLDAP from an image has tenants, and loses its entries by a reset', async () => {
  const { create } = openldap({ image: images.openldap, overlays: ['memberof'], schema: ['dyngroup'] })
  for (const service of await holderAndTenant(create)) {
    const { url, bindDn, password, suffix } = service.serviceConfig
    const client = new LdapClient({ url })
    await client.bind(bindDn, password)
    await client.add(`cn=lamp,${suffix}`, { objectClass: 'device' })
    await service.reset()
    expect((await client.search(suffix, {})).searchEntries.map(({ dn }) => dn)).toEqual([suffix])
    await client.unbind()
  }
})

test('RabbitMQ from an image has tenants, and loses its queues by a reset', async () => {
  for (const service of await holderAndTenant(rabbitmq({ image: images.rabbitmq }).create)) {
    const connection = await connectAmqp(service.serviceConfig.url)
    const channel = await connection.createChannel()
    channel.on('error', () => {})
    await channel.assertQueue('orders')
    await service.reset()
    await expect(channel.checkQueue('orders')).rejects.toThrow('NOT_FOUND')
    await connection.close()
  }
})

test('no container is left', async () => {
  expect(await engine.containers()).toEqual([])
})
