import type { TestProject } from 'vitest/node'
import { chosenProfile, openSession, type Stack } from '../config/stack.ts'
import { CleanUpStack } from '../kernel/cleanup-stack.ts'
import { ConfigError, combineErrors } from '../kernel/errors.ts'
import type { SetUpOptions } from '../service/external-service.ts'
import { labelOf } from '../service/label.ts'
import { persistentLabels, persistentVariable } from '../service/variables.ts'
import { exportedLabels, exportVariables, inheritsPersistent } from './exported-variables.ts'
import { findProjectStack } from './find-stack.ts'
import type { TestServicesOptions } from './plugin.ts'
import { presenting } from './presentable.ts'
import { provideRunContext } from './run-context.ts'

type Limits = Pick<SetUpOptions, 'signal' | 'timeoutMs'>
type End = () => Promise<void>

interface Held {
  users: number
  readonly started: Promise<End>
}

/** The stacks of this run, by what they consist of: projects that ask for the same one share it. */
const stacks = new Map<string, Held>()

/** Brings up what a project asks for, or joins the project that asked first; the last one to leave ends it. */
export async function joinStack(project: TestProject, options: TestServicesOptions): Promise<End> {
  return presenting(async () => {
    const stack = await findProjectStack(project, options)
    const key = keyOf(stack)
    const held = stacks.get(key) ?? { users: 0, started: start(stack, limitsOf(project, options)) }
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
  })
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
  return { timeoutMs, signal: canceled.signal }
}

async function start(stack: Stack, limits: Limits): Promise<End> {
  return inheritsPersistent(stack.prefix) ? verifyPersistent(stack, limits) : bringUp(stack, limits)
}

async function bringUp(stack: Stack, limits: Limits): Promise<End> {
  const { prefix, names } = stack
  const profile = chosenProfile(prefix)
  const session = openSession(stack, { profile })
  const only = names.length > 0 ? names : undefined
  refuseSecond(stack)
  await session.enter({ ...limits, only, uniqueInstance: profile === undefined })
  const labels = [...session.services.values()].map(({ label }) => label)
  const withdraw = exportVariables({ ...session.variables, [persistentVariable(prefix)]: labels.join(',') })
  return async () => {
    withdraw()
    await session.end()
  }
}

/** The workers of a run have one environment, in which a label can mean one service only. */
function refuseSecond({ config, prefix, project }: Stack): void {
  const present = exportedLabels(prefix)
  const twice = Object.keys(config.services).find((name) => present.includes(labelOf(name)))
  if (twice === undefined) return
  throw new ConfigError(
    `services.${twice} of ${project}: another config of this run has a service with the label ${labelOf(twice)}; ` +
      'give both projects one config, or rename one of the services',
  )
}

/** Attaches to each service once, as a test would, and lets go of it again: nothing is started. */
async function verifyPersistent({ config, prefix, directory, names }: Stack, limits: Limits): Promise<End> {
  const labels = persistentLabels(process.env, prefix) ?? []
  for (const [name, definition] of Object.entries(config.services)) {
    const label = labelOf(name)
    if (!labels.includes(label) || (names.length > 0 && !names.includes(name))) continue
    const cleanUps = new CleanUpStack()
    const service = definition.create({ label, prefix, directory })
    cleanUps.add(() => service.cleanUp())
    await service.setUp({ ...limits, useExisting: true })
    const errors = await cleanUps.run()
    if (errors.length > 0) throw combineErrors(errors)
  }
  return async () => {}
}
