import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { LibrarianConfig } from '../../fixtures/librarian/index.ts'
import type { ExternalService } from '../../src/fixture.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { installedTesting, installedUrl, register } from './register.ts'

useCleanState()

const { fixtureContract } = await installedTesting()
const fixture = installedUrl('fixtures/librarian')
const { librarian }: typeof import('../../fixtures/librarian/index.ts') = await import(fixture)

type Librarian = ExternalService<LibrarianConfig>

async function add({ serviceConfig }: Librarian, text: string): Promise<void> {
  await fetch(`${serviceConfig.url}/files`, { method: 'POST', body: text })
}

async function ids({ serviceConfig }: Librarian): Promise<string[]> {
  return (await (await fetch(`${serviceConfig.url}/files`)).json()) as string[]
}

function spaces({ serviceConfig }: Librarian): string[] {
  const names = readdirSync(serviceConfig.storageDirectory)
  return names.includes('spaces') ? readdirSync(join(serviceConfig.storageDirectory, 'spaces')) : []
}

register(
  fixtureContract(librarian(), {
    module: { url: fixture, name: 'librarian' },
    write: (service) => add(service, 'written'),
    read: ids,
    tenants: spaces,
    dirt: {
      'one file': (service) => add(service, 'dirt'),
      'many files': (service) => Promise.all(Array.from({ length: 20 }, (_, index) => add(service, `${index}`))),
    },
    isPristine: async (service) => (await ids(service)).length === 0,
  }),
)
