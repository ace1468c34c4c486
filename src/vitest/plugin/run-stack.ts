import type { TestProject } from 'vitest/node'
import type { Stack } from '../../config/stack.ts'
import { CleanUpStack } from '../../kernel/cleanup-stack.ts'
import { Deadline } from '../../kernel/deadline.ts'
import { asError, combineErrors } from '../../kernel/errors.ts'
import { withoutPlaces, withPresentableErrors } from '../slot/presentable.ts'
import { type RunContext, signatureOf } from '../slot/run-context.ts'
import { isInPool } from '../slot/start-record.ts'
import { findProjectStack } from './find-stack.ts'
import type { TestServicesOptions } from './plugin.ts'
import { describeUse } from './run-line.ts'
import { RunServices } from './run-services.ts'
import { SlotServer } from './slot-server.ts'
import { Slots } from './slots.ts'
import { followChanges } from './watch.ts'

interface Held {
  users: number
  readonly started: Promise<CleanUpStack>
}

/** Stacks of this run by key: projects that ask for the same services share a stack. */
const stacks = new Map<string, Held>()

/** The slot server of all stacks. */
let serving: ReturnType<typeof SlotServer.open> | undefined

/**
 * Brings up the stack of a project, or joins the stack of an earlier project. Returns a function that gives the share
 * back.
 */
export async function joinStack(project: TestProject, options: TestServicesOptions): Promise<() => Promise<void>> {
  return withPresentableErrors(() => join(project, options)).catch((thrown) => {
    // Vitest says "No test files found" next, and the error below.
    project.vitest.logger.error('test-services: no test runs, since the services are not up; the error is below')
    throw isExact(project.vitest) ? thrown : withoutPlaces(thrown)
  })
}

async function join(project: TestProject, options: TestServicesOptions): Promise<() => Promise<void>> {
  const stack = await findProjectStack(project, options)
  const key = keyOf(stack)
  serving ??= SlotServer.open()
  const { server } = await serving
  const held = stacks.get(key) ?? { users: 0, started: start(project, { stack, key, server }, options) }
  stacks.set(key, held)
  held.users++
  try {
    await held.started
  } catch (thrown) {
    stacks.delete(key)
    await closeServer()
    throw thrown
  }
  provide(project, server, { ...stack, key, reset: options.reset })
  return () => leave(key, held)
}

/** Whether line numbers of a config are right: Vitest 3 counts the lines of the compiled text. */
function isExact({ version }: TestProject['vitest']): boolean {
  return Number.parseInt(version, 10) >= 4
}

/** Gives up a share of a stack. Sets the exit code on a failure, since Vitest only prints the error of a teardown. */
async function leave(key: string, held: Held): Promise<void> {
  if (--held.users > 0) return
  stacks.delete(key)
  const cleanUps = await held.started
  const errors = await cleanUps.run()
  await closeServer().catch((thrown) => void errors.push(asError(thrown)))
  if (errors.length === 0) return
  process.exitCode = 1
  await withPresentableErrors(() => Promise.reject(combineErrors(errors)))
}

async function closeServer(): Promise<void> {
  if (stacks.size > 0) return
  const opened = serving
  serving = undefined
  await (await opened)?.close()
}

/**
 * Returns an equal key for equal contents: a config without a file is a separate object in each project with the root
 * config.
 */
function keyOf({ project, names, config }: Stack): string {
  return JSON.stringify([project, names, signatureOf(config)])
}

/**
 * Returns a signal that fires when Vitest cancels a run. For the start only: in watch mode a further run may follow.
 */
function canceledSignal({ vitest }: TestProject): AbortSignal {
  const canceled = new AbortController()
  vitest.onCancel(() => canceled.abort())
  return canceled.signal
}

/** Brings up the shared services, and begins to make the slots. */
async function start(
  project: TestProject,
  { stack, key, server }: { readonly stack: Stack; readonly key: string; readonly server: SlotServer },
  { timeoutMs, reset }: TestServicesOptions,
): Promise<CleanUpStack> {
  const { config, prefix, directory } = stack
  const cleanUps = new CleanUpStack()
  const { vitest } = project
  try {
    const shared = new RunServices(stack)
    cleanUps.add(() => shared.end())
    const signal = canceledSignal(project)
    await shared.start({ timeoutMs, signal })
    const whenDown = 'a test has cleaned it up, and may set it up again'
    const slots = new Slots({ config, prefix, directory, shared, whenDown, timeoutMs })
    cleanUps.add(() => warnUnreset(project, slots.unreset, reset))
    cleanUps.add(() => requireBlamed(slots))
    cleanUps.add(() => slots.close())
    if (shared.attached.length > 0) await attachFirst(slots, signal)
    server.add(key, slots)
    cleanUps.add(() => server.remove(key))
    // To standard error: a machine-readable reporter needs standard output for itself.
    vitest.logger.warn(await describeUse(stack, { shared, root: project.config.root }))
    const names = Object.keys(config.services).filter((name) => !shared.attached.includes(name))
    await followChanges(project, { stack, names, restart: (changed) => restart(changed, { shared, slots, timeoutMs }) })
    // A pool runs a single file, in a single worker.
    void slots.warmUp(isInPool() ? 1 : vitest.config.maxWorkers)
    return cleanUps
  } catch (thrown) {
    throw combineErrors([asError(thrown), ...(await cleanUps.run())])
  }
}

/** Attaches the first slot to the services that the environment declares: a dead one fails the run before any test. */
function attachFirst(slots: Slots, signal: AbortSignal): Promise<void> {
  return new Deadline('attaching to the services', Number.POSITIVE_INFINITY, signal).race(() => slots.warmUpFirst())
}

/** @throws ERR_SERVICE_DIED for a service that died without failing a test */
function requireBlamed({ deaths }: Slots): void {
  const errors = deaths.takeUnblamed()
  if (errors.length > 0) throw combineErrors(errors)
}

function warnUnreset(
  { vitest }: TestProject,
  unreset: ReadonlyMap<string, number>,
  reset: TestServicesOptions['reset'],
) {
  const advice =
    reset === 'each'
      ? 'before tests that run at the same time nothing is reset: use the fixture, which gives each its own'
      : "testServices({ reset: 'each' }) resets it before every test"
  for (const [name, files] of unreset) {
    const where = files === 1 ? 'one test file' : `${files} test files`
    vitest.logger.warn(`test-services: in ${where} ${name} was written to, and no test asked for a reset; ${advice}`)
  }
}

/** Restarts services that have changed or crashed. Services of the slots restart when a test uses them next. */
async function restart(
  changed: readonly string[],
  {
    shared,
    slots,
    timeoutMs,
  }: { readonly shared: RunServices; readonly slots: Slots } & Pick<TestServicesOptions, 'timeoutMs'>,
): Promise<void> {
  const due = [...changed, ...(await shared.dead())]
  await slots.drop(due)
  await shared.restart(due, timeoutMs)
}

/** Adds a stack to the stacks that the workers of a project know: a project may have the plugin more than once. */
function provide(
  project: TestProject,
  { path }: SlotServer,
  { key, config, prefix, directory, reset = 'used' }: Stack & { key: string; reset: TestServicesOptions['reset'] },
): void {
  const present: RunContext | undefined = project.getProvidedContext()['test-services']
  const own = { id: key, signature: signatureOf(config), prefix, directory, reset }
  const others = present?.socket === path ? present.stacks.filter(({ id }) => id !== key) : []
  project.provide('test-services', { socket: path, stacks: [...others, own] })
}
