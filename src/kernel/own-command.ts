import { isCompiled } from './package-modules.ts'

/**
 * Returns the command by which a person calls this package here, for hints: through `npx` if the package is installed
 * in a project, by path in the source tree.
 */
export function ownCommand(): string {
  if (!isCompiled) return 'bin/test-services'
  // The bundle of a checkout is made by build/checkout/run.mjs.
  if (import.meta.url.includes('/node_modules/.cache/')) return 'bin/test-services'
  return import.meta.url.includes('/node_modules/') ? 'npx test-services' : 'test-services'
}
