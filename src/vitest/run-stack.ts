import type { TestProject } from 'vitest/node'
import { chosenProfile, openSession, type Stack } from '../config/stack.ts'
import { asError, ConfigError, combineErrors } from '../kernel/errors.ts'
import { labelOf } from '../service/label.ts'
import type { SetUpOptions } from '../service/set-up-options.ts'
import { persistentLabels } from '../service/variables.ts'
import { environmentFrom } from '../session/environment.ts'
import { ownVariables } from '../session/exported-variables.ts'
import type { Session } from '../session/session.ts'
import { tellOfChanges } from './changed-files.ts'
import { declaredConfigs } from './declared-configs.ts'
import { findProjectStack } from './find-stack.ts'
import type { TestServicesOptions } from './plugin.ts'
import { presenting, withoutPlaces } from './presentable.ts'
import { provideRunContext } from './run-context.ts'
import { exportedLabels, exportVariables, inheritedEnvironment } from './run-environment.ts'

type Limits = Pick<SetUpOptions, 'signal' | 'timeoutMs' | 'expectedClients'>
type End = () => Promise<void>

interface Held {
  users: number
  readonly started: Promise<End>
}

/** The stacks of this run, by what they consist of: projects that ask for the same one share it. */
const stacks = new Map<string, Held>()

/** Brings up what a project asks for, or joins the project that asked first; the last one to leave ends it. */
export async function joinStack(project: TestProject, options: TestServicesOptions): Promise<End> {
  return presenting(() => join(project, options)).catch((thrown) => {
    throw isExact(project.vitest) ? thrown : withoutPlaces(thrown)
  })
}

async function join(project: TestProject, options: TestServicesOptions): Promise<End> {
  const stack = await findProjectStack(project, options)
  const key = keyOf(stack)
  const held = stacks.get(key) ?? { users: 0, started: start(project, stack, options) }
  stacks.set(key, held)
  held.users++
  try {
    await held.started
  } catch (thrown) {
    stacks.delete(key)
    throw thrown
  }
  provideRunContext(project, stack)
  return () => leave(key, held)
}

/** Vitest 3 counts the lines of a config as they are when it has compiled it. */
function isExact({ version }: TestProject['vitest']): boolean {
  return Number.parseInt(version, 10) >= 4
}

/** Vitest only prints what a teardown throws. */
async function leave(key: string, held: Held): Promise<void> {
  if (--held.users > 0) return
  stacks.delete(key)
  const end = await held.started
  await presenting(end).catch((thrown) => {
    process.exitCode = 1
    throw thrown
  })
}

/** A config without a file is another object in each project that extends the root's. */
function keyOf({ project, prefix, names, config }: Stack): string {
  const services = Object.entries(config.services).map(([name, { kind }]) => [name, kind])
  return JSON.stringify([project, prefix, names, services])
}

function limitsOf({ vitest }: TestProject, { timeoutMs }: TestServicesOptions): Limits {
  const canceled = new AbortController()
  vitest.onCancel(() => canceled.abort())
  return { timeoutMs, signal: canceled.signal, expectedClients: vitest.config.maxWorkers }
}

/** Attaches to what is declared as running already, as a test would, and brings up the rest, which workers share. */
async function start(project: TestProject, stack: Stack, options: TestServicesOptions): Promise<End> {
  const { prefix, names, config } = stack
  const profile = chosenProfile(prefix)
  const session = openSession(stack, { profile })
  const declaredIn = inheritedEnvironment()
  const inherited = persistentLabels(declaredIn, prefix) ?? []
  const isInherited = (name: string): boolean => inherited.includes(labelOf(name))
  const useExisting = Object.keys(config.services).some(isInherited)
  const only = names.length > 0 ? names : undefined
  refuseSecond(stack, inherited)
  const limits = limitsOf(project, options)
  await session.enter({ ...limits, only, useExisting, declaredIn, uniqueInstance: profile === undefined })
  const own = new Map([...session.services].filter(([name]) => !isInherited(name)))
  if (own.size === 0) return endNow(session)
  try {
    await tellOfChanges(project, stack, own.keys())
    const withdraw = exportVariables(variablesOf(stack, own))
    return async () => {
      withdraw()
      await session.end()
    }
  } catch (thrown) {
    const errors = await session.end().then(
      () => [],
      (later) => [asError(later)],
    )
    throw combineErrors([asError(thrown), ...errors])
  }
}

/** What runs without us has been verified, and is held by others. */
async function endNow(session: Session): Promise<End> {
  await session.end()
  return async () => {}
}

/** Of our slices of what is declared nothing is told: workers make theirs of the same instances. */
function variablesOf({ config, prefix }: Stack, own: Session['services']): Readonly<Record<string, string>> {
  const configs = Object.fromEntries([...own].map(([name, { serviceConfig }]) => [name, serviceConfig]))
  const declared = declaredConfigs(config, prefix, inheritedEnvironment())
  const made = environmentFrom(config.environment, { ...declared, ...configs })
  return { ...ownVariables({ services: own, prefix }), ...made }
}

/** The workers of a run have one environment, in which a label can mean one service only. */
function refuseSecond({ config, prefix, project }: Stack, inherited: readonly string[]): void {
  const present = exportedLabels(prefix).filter((label) => !inherited.includes(label))
  const twice = Object.keys(config.services).find((name) => present.includes(labelOf(name)))
  if (twice === undefined) return
  throw new ConfigError(
    `services.${twice} of ${project}: another config of this run has a service with the label ${labelOf(twice)}; ` +
      'give both projects one config, or rename one of the services',
  )
}
