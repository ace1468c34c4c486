import type { TestProject } from 'vitest/node'
import type { Config } from '../../config/define-config.ts'
import { moduleFile } from '../../host/modules/package-program.ts'
import { isRepeated } from '../slot/repeated-error.ts'

export interface TestServicesOptions {
  /**
   * A config, or the path of a config file, relative to the project's root. Default: the nearest
   * `test-services.config.ts`.
   */
  readonly config?: string | Pick<Config, 'services'> | undefined
  /** Names of the services to use; their needs are added. Default: all. */
  readonly services?: readonly string[] | undefined
  /**
   * `each`: before every test of the project, all services of the worker that are up are reset. `used`: before a test,
   * only the services that the test uses (by a fixture or `useService`) are reset, with their needs. Default: `used`.
   */
  readonly reset?: 'each' | 'used' | undefined
  /** Limit for each start, in milliseconds. Default: 60,000. */
  readonly timeoutMs?: number | undefined
}

/** A plugin as Vite expects. `api` is for our global set-up, which Vitest loads by path. */
export interface TestServicesPlugin {
  readonly name: typeof pluginName
  readonly api: { setUp(project: TestProject): Promise<() => Promise<void>> }
  config(userConfig: object): void
}

export const pluginName = 'test-services'

/**
 * Brings up the services without needs once for a Vitest run, and gives each worker a tenant of each. For a service
 * with needs, each worker gets an instance of its own, when a test first uses the service. The environment of a worker
 * has the variables of the services before a test file is imported. All services are stopped at the end of the run.
 *
 * The run attaches to the services of the config that `LP_PERSISTENT_TEST_SERVICES` lists, and fails before the first
 * test if a listed service is dead. With `LP_CONFIG`, the run brings up the configured instances of the named profile.
 */
export function testServices(options: TestServicesOptions = {}): TestServicesPlugin {
  return {
    name: pluginName,
    api: {
      // Imported late: workers import the package for the fixtures only, and do not need `run-stack.ts`.
      setUp: async (project) => (await import('./run-stack.ts')).joinStack(project, options),
    },
    config: (userConfig) => addSetUps(userConfig),
  }
}

type UnhandledError = (error: object) => boolean | undefined

interface UserConfig {
  test?: {
    globalSetup?: string | readonly string[]
    setupFiles?: string | readonly string[]
    sequence?: { setupFiles?: 'list' | 'parallel' }
    onUnhandledError?: UnhandledError
    browser?: { enabled?: boolean }
  }
}

/** Adds our set-up files in front of the user's own, which may use the services. */
function addSetUps(userConfig: UserConfig): void {
  userConfig.test ??= {}
  const { test } = userConfig
  test.globalSetup = withFirst(moduleFile('vitest-global-setup'), test.globalSetup)
  const setUp = moduleFile('vitest-setup')
  // A browser has neither an environment nor sockets. The file is removed because a browser project may extend a config
  // that has the file.
  test.setupFiles = test.browser?.enabled ? without(setUp, test.setupFiles) : withFirst(setUp, test.setupFiles)
  test.onUnhandledError = withoutRepeated(test.onUnhandledError)
  // In sequence: the user's own set-up files may import modules that read the environment.
  test.sequence = { setupFiles: 'list', ...test.sequence }
}

/** Since Vitest 4: leaves out the second error of a connection that has ended. */
function withoutRepeated(theirs: UnhandledError | undefined): UnhandledError {
  return (error) => (isRepeated(error) ? false : theirs?.(error))
}

function withFirst(ours: string, theirs: string | readonly string[] = []): string[] {
  return [ours, ...without(ours, theirs)]
}

function without(ours: string, files: string | readonly string[] = []): string[] {
  return [files].flat().filter((file) => file !== ours)
}
