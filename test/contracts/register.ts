import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, inject, test } from 'vitest'
import type { Contract } from '../../src/testing.ts'
import { useUserProject } from '../support/user-project.ts'

/** URL of a module of the installed package, which starts in a fraction of the time that the sources take. */
export function installedUrl(name: string): string {
  return pathToFileURL(join(inject('installation'), 'node_modules/test-services/dist', `${name}.js`)).href
}

/** Imports the installed `test-services/testing`. */
export function installedTesting(): Promise<typeof import('../../src/testing.ts')> {
  return import(installedUrl('testing'))
}

/** The definitions of `programs/library.mjs`, in a module that a holder can import. */
interface Definitions<Definition> {
  readonly directory: string
  readonly url: string
  readonly empty: () => Definition
  readonly library: () => Definition
}

/** Makes definitions of an installed fixture with options: one without a template, and one with the table `book`. */
export async function makeDefinitions<Definition>(fixture: string, options = {}): Promise<Definitions<Definition>> {
  Object.assign(process.env, { FIXTURE: fixture, OPTIONS: JSON.stringify(options) })
  const { directory, write, copy } = useUserProject('')
  write('schema.sql', `CREATE TABLE book (title varchar(40)); INSERT INTO book VALUES ('Emma')`)
  const url = pathToFileURL(copy('programs/library.mjs')).href
  return { directory, url, ...(await import(url)) }
}

/** Cases that are left out for a service that all clients share as a whole. */
export const withoutTenants = [
  'tenants do not see each other',
  'a killed client leaves no tenant',
  'a reset of one tenant leaves the others as they are',
]

/** Cases that are left out for a service of several processes. */
export const withoutProcess = [
  'a death is reported with its exit and the end of the log',
  'a service that was stopped starts again on its port',
  'a reset starts a killed service again, and resumes a paused one',
  'clients go through the proxy of the network, which a reset restores',
]

/** Registers the cases of a contract, and checks which of them are left out. */
export function register(contract: Contract, leftOut: readonly string[] = []): void {
  for (const { name, run, timeoutMs } of contract) test(name, { timeout: timeoutMs }, run)
  test('leaves out the cases whose hooks are missing, and says so', () => {
    expect(contract.leftOut.map(({ name }) => name).sort()).toEqual([...leftOut].sort())
  })
}
