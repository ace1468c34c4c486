import { moduleUrl } from '../host/package-program.ts'
import { StateError } from '../kernel/errors.ts'
import { type BundledFixture, bundledFixtures } from '../kernel/package-modules.ts'
import type { ServiceDefinition } from '../service/definition.ts'
import { camelCase, upperSnake } from '../service/options/label.ts'
import type { Diagnosis } from '../service/server/diagnosis.ts'

export function isBundledFixture(name: string): name is BundledFixture {
  return (bundledFixtures as readonly string[]).includes(name)
}

/** Returns the definition of a bundled fixture with its default options. */
export async function loadBundledFixture(name: BundledFixture): Promise<ServiceDefinition> {
  return call<ServiceDefinition>(name, functionOf(name))
}

/** Returns the name of the function that defines a service: `redisCluster` for `redis-cluster`. */
export function functionOf(name: BundledFixture): string {
  return camelCase(upperSnake(name))
}

/** Returns whether a fixture can run on this machine, and why not. */
export async function diagnoseBundledFixture(name: BundledFixture): Promise<Diagnosis> {
  return call<Diagnosis>(name, 'diagnose')
}

/**
 * Calls an export of a fixture without arguments. The path is computed, because this floor must not import fixtures.
 */
async function call<T>(fixture: BundledFixture, exported: string): Promise<T> {
  const url = moduleUrl(`fixtures/${fixture}`)
  const module = (await import(url)) as Record<string, () => T | Promise<T>>
  const exportedFunction = module[exported]
  if (!exportedFunction) throw new StateError(`${url} does not export ${exported}()`)
  return exportedFunction()
}
