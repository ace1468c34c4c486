import { type BundledScripts, findScripts } from '../script/find-scripts.ts'
import type { KnownScripts } from '../script/script.ts'

const bundledScripts = {
  run: () => import('./run.ts'),
  put: () => import('./put.ts'),
  get: () => import('./get.ts'),
  repository: () => import('./repository.ts'),
  'wait-for-transport': () => import('./wait-for-transport.ts'),
  services: () => import('./services.ts'),
  vitest: () => import('./vitest.ts'),
  pool: () => import('./pool.ts'),
  report: () => import('./report.ts'),
} satisfies BundledScripts

/** Returns the scripts for workflows in a directory, the bundled ones included. */
export function knownScripts(directory: string): KnownScripts {
  return findScripts(directory, bundledScripts)
}
