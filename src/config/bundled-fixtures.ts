import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageDirectory } from '../host/package-program.ts'
import { StateError } from '../kernel/errors.ts'
import type { ServiceDefinition } from '../service/definition.ts'
import type { Diagnosis } from '../service/instance/diagnosis.ts'

/** Fixtures that come with this package: usable by name, without a config file. */
export const bundledFixtures = ['postgres', 'librarian'] as const

export type BundledFixture = (typeof bundledFixtures)[number]

export function isBundledFixture(name: string): name is BundledFixture {
  return (bundledFixtures as readonly string[]).includes(name)
}

/** Returns the definition of a bundled fixture with its default options. */
export async function loadBundledFixture(name: BundledFixture): Promise<ServiceDefinition> {
  return call<ServiceDefinition>(name, name)
}

/** Returns whether a fixture can run on this machine, and why not. */
export async function diagnoseBundledFixture(name: BundledFixture): Promise<Diagnosis> {
  return call<Diagnosis>(name, 'diagnose')
}

/**
 * Calls an export of a fixture without arguments. The path is computed, because this floor must not import fixtures.
 */
async function call<T>(fixture: BundledFixture, exported: string): Promise<T> {
  const isSource = import.meta.url.endsWith('.ts')
  const path = join(packageDirectory(), isSource ? `fixtures/${fixture}/index.ts` : `dist/fixtures/${fixture}.js`)
  const module = (await import(pathToFileURL(path).href)) as Record<string, () => T | Promise<T>>
  const exportedFunction = module[exported]
  if (!exportedFunction) throw new StateError(`${path} does not export ${exported}()`)
  return exportedFunction()
}
