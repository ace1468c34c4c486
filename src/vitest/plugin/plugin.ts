import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import type { Config } from '../../config/define-config.ts'
import { packageDirectory } from '../../host/package-program.ts'
import { isRepeated } from '../slot/repeated-error.ts'

export interface TestServicesOptions {
  /** A config, or the path of its file from the project's root. Default: the nearest `test-services.config.ts`. */
  readonly config?: string | Pick<Config, 'services'> | undefined
  /** Only these services, and what they need. Default: all. */
  readonly services?: readonly string[] | undefined
  /**
   * `each`: before every test of the project, all services of the worker are reset that are up. `used`: before a test,
   * those that it uses, by a fixture or `useService`, with what they need. Default: `used`.
   */
  readonly reset?: 'each' | 'used' | undefined
  /** Limit for each start, in milliseconds. Default: 60,000. */
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
 * Brings up the services without needs once for a Vitest run, and gives each worker its part of them and, when a test
 * first uses one, its own instance of every service that needs others. The environment of a worker names them before
 * a test file is imported. All are taken down at the end of the run.
 *
 * The run attaches to those services of the config that `LP_PERSISTENT_TEST_SERVICES` lists, and fails before any test
 * if they are dead. With `LP_CONFIG` it brings up the configured instances of that profile.
 */
export function testServices(options: TestServicesOptions = {}): TestServicesPlugin {
  return {
    name: pluginName,
    api: {
      // Imported late: a worker that imports this package for its fixtures does not need it.
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
  test.globalSetup = withFirst(entryFile('global-setup'), test.globalSetup)
  const setUp = entryFile('setup')
  // A browser has neither an environment nor sockets; a project may extend a config to which the file was added.
  test.setupFiles = test.browser?.enabled ? without(setUp, test.setupFiles) : withFirst(setUp, test.setupFiles)
  test.onUnhandledError = withoutRepeated(test.onUnhandledError)
  // One after the other: the user's own set-up files may import what reads the environment.
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

function entryFile(name: 'global-setup' | 'setup'): string {
  const isSource = fileURLToPath(import.meta.url).endsWith('.ts')
  return join(packageDirectory(), isSource ? `src/vitest/${name}.ts` : `dist/vitest-${name}.js`)
}
