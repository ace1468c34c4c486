import type { Config } from '../config/define-config.ts'
import { ConfigError } from '../kernel/errors.ts'
import type { ServiceDefinition } from '../service/definition.ts'
import { defaultTimeoutMs, type ExternalService } from '../service/external-service.ts'
import { labelOf } from '../service/label.ts'
import { configOf } from './config-of.ts'
import { endWhenOrphaned } from './orphan.ts'
import { presenting } from './presentable.ts'
import { isDeclared, readRunContext } from './run-context.ts'
import { runner } from './runner.ts'
import { declaredEnvironment, hideService, showService } from './worker-environment.ts'

export interface UseServiceOptions {
  /**
   * `unique`: a process of its own, which a test may kill, pause or restart. Default: `shared`, a slice of the run's
   * instance, or a unique one where the run has none.
   */
  readonly instance?: 'shared' | 'unique' | undefined
  /** `[A-Z][A-Z0-9_]*`. Default: that of the definition's name in its config. */
  readonly label?: string | undefined
  /** The services that this one needs, by name, each from a `useService` before. */
  readonly needs?: Readonly<Record<string, ExternalService<object>>> | undefined
  /** Of the variables' names. Default: that of the plugin's config, else `LP`. */
  readonly prefix?: string | undefined
  /** For its start, in milliseconds. Default: 60,000. */
  readonly timeoutMs?: number | undefined
}

/** Vitest's own limit comes after ours, whose error tells more. */
const hookMarginMs = 10_000

/**
 * A service for the tests of this file, or of the `describe` that this is called in: set up before the first, reset
 * before each, cleaned up after the last. Meanwhile `process.env` names it; of two with one label, the last one.
 *
 * @throws ERR_CONFIG for a definition without a name and without a `label`
 */
export function useService<ServiceConfig extends object>(
  definition: ServiceDefinition<ServiceConfig>,
  options: UseServiceOptions = {},
): ExternalService<ServiceConfig> {
  const { instance = 'shared', timeoutMs = defaultTimeoutMs } = options
  const { prefix, directory } = readRunContext(options.prefix)
  const label = labelFor(definition, options)
  const environment: NodeJS.ProcessEnv = {}
  const service = definition.create({ label, prefix, directory, environment })
  let config: Config | undefined
  const setUp = async (): Promise<void> => {
    endWhenOrphaned()
    config = await configOf(definition, label)
    Object.assign(environment, declaredEnvironment())
    const useExisting = instance === 'shared' && isDeclared(label, prefix)
    const needs = useExisting ? {} : needsOf(definition, label, options)
    await service.setUp({ timeoutMs, useExisting, needs })
    showService(service, { prefix, config })
  }
  const reset = async (): Promise<void> => {
    await service.reset()
    // A test may have set it up anew.
    showService(service, { prefix, config })
  }
  const cleanUp = async (): Promise<void> => {
    hideService(service)
    await service.cleanUp()
  }
  const { afterAll, beforeAll, beforeEach } = runner()
  beforeAll(() => presenting(setUp), timeoutMs + hookMarginMs)
  beforeEach(() => presenting(reset))
  afterAll(() => presenting(cleanUp), timeoutMs + hookMarginMs)
  return service
}

function labelFor({ name, kind }: ServiceDefinition, { label }: UseServiceOptions): string {
  if (label !== undefined) return labelOf(label, 'useService(…, { label })')
  if (name !== undefined) return labelOf(name)
  throw new ConfigError(
    `useService(${kind}()): a definition that stands in no config needs a label: useService(${kind}(), { label: 'DB' })`,
  )
}

function needsOf(
  definition: ServiceDefinition,
  label: string,
  { needs = {} }: UseServiceOptions,
): Readonly<Record<string, object>> {
  const missing = definition.needs.find((name) => !needs[name])
  if (missing !== undefined)
    throw new ConfigError(
      `useService: ${label} needs ${missing}, which is to be handed over: useService(…, { needs: { ${missing} } })`,
    )
  return Object.fromEntries(Object.entries(needs).map(([name, { serviceConfig }]) => [name, serviceConfig]))
}
