import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageDirectory } from '../host/package-program.ts'
import { StateError } from '../kernel/errors.ts'
import type { ServiceDefinition } from '../service/definition.ts'

/** The fixtures that come with this package: usable by name, without a config file. */
export const bundledFixtures = ['postgres', 'librarian'] as const

export type BundledFixture = (typeof bundledFixtures)[number]

export function isBundledFixture(name: string): name is BundledFixture {
  return (bundledFixtures as readonly string[]).includes(name)
}

/** The definition of a bundled fixture with its default options. The path is computed: fixtures stand on this floor. */
export async function loadBundledFixture(name: BundledFixture): Promise<ServiceDefinition> {
  const isSource = import.meta.url.endsWith('.ts')
  const path = join(packageDirectory(), isSource ? `fixtures/${name}/index.ts` : `dist/fixtures/${name}.js`)
  const module = (await import(pathToFileURL(path).href)) as Record<string, () => ServiceDefinition>
  const create = module[name]
  if (!create) throw new StateError(`${path} does not export ${name}()`)
  return create()
}
