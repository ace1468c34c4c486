import { createTransport } from 'nodemailer'
import type { SmtpConfig } from '../../fixtures/smtp/index.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { installedTesting, installedUrl, register } from './register.ts'

useCleanState()

const { fixtureContract } = await installedTesting()
const fixture = installedUrl('fixtures/smtp')
const { smtp }: typeof import('../../fixtures/smtp/index.ts') = await import(fixture)

interface Server {
  readonly serviceConfig: SmtpConfig
}

async function send({ serviceConfig }: Server, subject = 'written'): Promise<void> {
  const transport = createTransport(serviceConfig.url)
  const attachments = [{ filename: 'data', content: Buffer.alloc(100_000, 1) }]
  await transport.sendMail({ from: 'a@example.com', to: 'b@example.com', subject, attachments })
  transport.close()
}

/** Waits for a greeting of the SMTP port: the API has a port of its own. */
async function greet({ serviceConfig }: Server): Promise<void> {
  const transport = createTransport(serviceConfig.url)
  await transport.verify()
  transport.close()
}

async function ask<T>({ serviceConfig: { apiUrl, user, password } }: Server, path: string): Promise<T> {
  const headers = { Authorization: `Basic ${btoa(`${user}:${password}`)}` }
  return (await fetch(`${apiUrl}${path}`, { headers })).json() as Promise<T>
}

register(
  fixtureContract(smtp(), {
    module: { url: fixture, name: 'smtp' },
    write: (service) => send(service),
    read: async (service) => {
      await greet(service)
      return (await ask<{ subject: string }[]>(service, '/mails')).map(({ subject }) => subject)
    },
    tenants: async (service) =>
      (await ask<string[]>(service, '/accounts')).filter((user) => user !== service.serviceConfig.user),
    dirt: {
      'a mail': (service) => send(service),
      'many mails': (service) => Promise.all(Array.from({ length: 20 }, (_, index) => send(service, `${index}`))),
    },
    isPristine: async (service) => (await ask<object[]>(service, '/mails')).length === 0,
  }),
)
