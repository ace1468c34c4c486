import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import type { Config } from '../config/define-config.ts'
import { packageDirectory } from '../host/package-program.ts'

export interface TestServicesOptions {
  /** A config, or the path of its file from the project's root. Default: the nearest `test-services.config.ts`. */
  readonly config?: string | Pick<Config, 'services'> | undefined
  /** Only these services, and what they need. Default: all. */
  readonly services?: readonly string[] | undefined
  /** For the whole start, in milliseconds. Default: 60,000. */
  readonly timeoutMs?: number | undefined
}

/** What Vite needs of a plugin; `api` is for our global set-up, which Vitest loads by its path. */
export interface TestServicesPlugin {
  readonly name: typeof pluginName
  readonly api: { setUp(project: TestProject): Promise<() => Promise<void>> }
  config(userConfig: object): void
}

export const pluginName = 'test-services'

/**
 * Brings up one unique stack for a Vitest run and takes it down at its end; workers find it in their environment. To
 * services of the config that `LP_PERSISTENT_TEST_SERVICES` lists the run attaches, and fails before any test if they
 * are dead; it brings up the others. With `LP_CONFIG` these are the configured instances of that profile.
 */
export function testServices(options: TestServicesOptions = {}): TestServicesPlugin {
  return {
    name: pluginName,
    api: {
      // Loaded when it is wanted: a worker that imports this package for its fixtures never needs it.
      setUp: async (project) => (await import('./run-stack.ts')).joinStack(project, options),
    },
    config: (userConfig) => addGlobalSetup(userConfig),
  }
}

interface UserConfig {
  test?: { globalSetup?: string | readonly string[] }
}

/** In front of the user's own, which may want to talk to the services. */
function addGlobalSetup(userConfig: UserConfig): void {
  userConfig.test ??= {}
  const ours = globalSetupFile()
  const others = [userConfig.test.globalSetup ?? []].flat().filter((file) => file !== ours)
  userConfig.test.globalSetup = [ours, ...others]
}

function globalSetupFile(): string {
  const isSource = fileURLToPath(import.meta.url).endsWith('.ts')
  return join(packageDirectory(), isSource ? 'src/vitest/global-setup.ts' : 'dist/vitest-global-setup.js')
}
