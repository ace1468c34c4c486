import { pathToFileURL } from 'node:url'
import { moduleFile } from '../host/modules/package-program.ts'
import { ConfigError } from '../kernel/errors.ts'
import { type BundledFixture, bundledFixtures } from '../kernel/package-modules.ts'
import type { ServiceDefinition } from '../service/definition.ts'
import { camelCase, upperSnake } from '../service/options/label.ts'
import { installedModule, installedNames } from './installed-modules.ts'

/** A fixture that a name stands for, without a config file: bundled, or an installed `test-services-fixture-…`. */
export interface NamedFixture {
  readonly name: string
  /** What a config file imports: `test-services/fixtures/redis`. */
  readonly specifier: string
  /** Absolute path of the module. */
  readonly file: string
}

const packagePrefix = 'test-services-fixture-'

/** Returns the names of all fixtures that a project has: the bundled ones first. */
export function fixtureNames(directory: string): string[] {
  return [...new Set([...bundledFixtures, ...installedNames(packagePrefix, directory)])]
}

/**
 * Finds the fixture for a name, in this package or among the packages of a project.
 *
 * @throws ERR_CONFIG for an installed package without a main module
 */
export function findFixture(name: string, directory: string): NamedFixture | undefined {
  if (isBundledFixture(name))
    return { name, specifier: `test-services/fixtures/${name}`, file: moduleFile(`fixtures/${name}`) }
  const specifier = `${packagePrefix}${name}`
  const file = installedModule(specifier, directory)
  return file === undefined ? undefined : { name, specifier, file }
}

export function isBundledFixture(name: string): name is BundledFixture {
  return (bundledFixtures as readonly string[]).includes(name)
}

/** Returns the definition of a fixture with its default options. @throws ERR_CONFIG for a package without a fixture */
export async function loadFixture(fixture: NamedFixture): Promise<ServiceDefinition> {
  const { specifier, file, name } = fixture
  const module = await load(fixture)
  const exported = exportName(name)
  const define = module[exported] ?? module.default
  if (typeof define === 'function') return define() as ServiceDefinition
  throw new ConfigError(`${specifier} (${file}) exports neither a function ${exported} nor a default function`)
}

/** Returns the name of a fixture's function: `redisCluster` for `redis-cluster`. */
export function exportName(name: string): string {
  return camelCase(upperSnake(name))
}

/** The path is computed, because this floor must not import fixtures. */
function load({ file }: NamedFixture): Promise<Readonly<Record<string, unknown>>> {
  return import(pathToFileURL(file).href)
}
