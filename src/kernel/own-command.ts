/**
 * How a person calls this command here, for hints: through `npx` where it is installed in a project, by its path in the
 * source tree.
 */
export function ownCommand(): string {
  if (import.meta.url.endsWith('.ts')) return 'bin/test-services'
  // The bundle of a checkout: build/checkout/run.mjs.
  if (import.meta.url.includes('/node_modules/.cache/')) return 'bin/test-services'
  return import.meta.url.includes('/node_modules/') ? 'npx test-services' : 'test-services'
}
