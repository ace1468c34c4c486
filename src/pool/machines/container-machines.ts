import { availableParallelism } from 'node:os'
import * as v from 'valibot'
import { type ContainerIdentity, createContainer, removeContainer, startContainer } from '../../container/container.ts'
import type { Engine } from '../../container/engine.ts'
import { findEngine } from '../../container/find-engine.ts'
import { requireImage } from '../../container/image.ts'
import { moduleUrl } from '../../host/modules/package-program.ts'
import { randomName } from '../../host/secret.ts'
import { CleanUpStack } from '../../kernel/cleanup-stack.ts'
import { asError, ConfigError, combineErrors, TransportError } from '../../kernel/errors.ts'
import { describeEnd } from '../../process/ended.ts'
import { acquireRun, releaseRun } from '../../run/own-run.ts'
import type { Run } from '../../run/run.ts'
import { parseOptions } from '../../service/options/parse-options.ts'
import { nameSchema, textSchema, timeoutSchema } from '../../service/options/plan-schema.ts'
import { inContainer } from '../../transport/container.ts'
import type { Transport } from '../../transport/transport.ts'
import { createProvisioner, type ReservationOptions, reservationSchema } from './create-provisioner.ts'
import { defaultLifeMs } from './longest-life.ts'
import type { Provisioner } from './machine.ts'
import type { MadeMachine } from './machine-maker.ts'
import { platformOf } from './platform.ts'

/** Options of `containerMachines`. */
export interface ContainerMachinesOptions extends ReservationOptions {
  /** An image of the engine, with `sh` and coreutils; `tar` for files. No image is pulled. */
  readonly image: string
  /** Containers at a time. Default: the number of processors. */
  readonly slots?: number | undefined
  /** Default: found by asking a container for the version of Node, or else the system, and the processor. */
  readonly platform?: string | undefined
  /** User of the commands: `1000:1000`. Default: as the image says. */
  readonly user?: string | undefined
  /** Variables of all commands. */
  readonly environment?: Readonly<Record<string, string>> | undefined
  /**
   * `host`: commands reach services of the local host, at the same ports. `own`: a private network of the container,
   * without access to the services of the host. Default: `host`.
   */
  readonly network?: 'host' | 'own' | undefined
  /** Longest life of a container, in milliseconds. At its end, the engine removes the container. Default: 12 hours. */
  readonly longestLifeMs?: number | undefined
}

const optionsSchema = v.strictObject({
  image: v.pipe(v.string(), v.nonEmpty()),
  slots: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  platform: v.optional(v.string()),
  user: v.optional(v.string()),
  environment: v.optional(v.record(nameSchema, textSchema)),
  network: v.optional(v.picklist(['host', 'own'])),
  longestLifeMs: v.optional(timeoutSchema),
  ...reservationSchema,
})

/**
 * Provides containers of a local engine as machines. Each container is recorded before the creation, and removed when
 * the machine is given back, or this process dies.
 *
 * @throws ERR_CONFIG for an invalid option
 */
export function containerMachines(options: ContainerMachinesOptions): Provisioner {
  parseOptions(optionsSchema, options, 'containerMachines()')
  const { slots = availableParallelism(), attempts, pauseMs } = options
  const name = `container:${options.image}`
  const make = (number: number, signal: AbortSignal): Promise<MadeMachine> => makeMachine(options, { number, signal })
  return createProvisioner({ name, slots, make }, { attempts, pauseMs })
}

const randomLength = 12
/** Path of the tests' directory. The container has no other users. */
const directory = '/tmp/test-services'

async function makeMachine(
  options: ContainerMachinesOptions,
  { number, signal }: { readonly number: number; readonly signal: AbortSignal },
): Promise<MadeMachine> {
  const cleanUps = new CleanUpStack()
  try {
    const engine = await findEngine(process.env, signal)
    await requireImage(engine, options.image, signal).catch((thrown) => {
      throw new ConfigError(`containerMachines(): ${asError(thrown).message}`, { cause: thrown })
    })
    const run = await acquireRun()
    cleanUps.add(() => releaseRun(run))
    const transport = await startMachine(engine, { options, run, cleanUps, signal })
    await makeDirectory(transport, signal)
    return {
      name: `${options.image}/${number}`,
      platform: options.platform ?? (await platformOf(transport, signal)),
      transport,
      directory,
      end: () => endAll(cleanUps),
    }
  } catch (thrown) {
    throw combineErrors([asError(thrown), ...(await cleanUps.run())])
  }
}

interface Making {
  readonly options: ContainerMachinesOptions
  readonly run: Run
  readonly cleanUps: CleanUpStack
  readonly signal: AbortSignal
}

/** Records a container, makes and starts the container, and returns the transport. */
async function startMachine(engine: Engine, { options, run, cleanUps, signal }: Making): Promise<Transport> {
  const identity = record(engine, { run, cleanUps })
  const { image, environment = {}, user, network = 'host', longestLifeMs = defaultLifeMs } = options
  // Not canceled: a container made after its removal would stay.
  await createContainer(engine, identity, {
    image,
    argv: mainProcess(longestLifeMs),
    environment,
    ports: [],
    mounts: [],
    user,
    network: network === 'host' ? 'host' : undefined,
    removesItself: true,
  })
  await startContainer(engine, identity.name, signal)
  const transport = inContainer({ name: identity.name, engine: engine.url, user })
  cleanUps.add(() => transport.close())
  return transport
}

function record(engine: Engine, { run, cleanUps }: Pick<Making, 'run' | 'cleanUps'>): ContainerIdentity {
  const name = `test-services-machine-${randomName(randomLength)}`
  const identity = { engine: engine.url, name, mark: name }
  const module = moduleUrl('container-reclaim')
  const ended = run.record({ kind: 'reclaim', module, data: identity, label: `container ${name}` })
  cleanUps.add(async () => {
    await removeContainer(engine, identity)
    ended()
  })
  return identity
}

/**
 * Returns the main process of a container: a shell. The shell waits for the longest life, and for orphaned processes.
 * The container ends with the shell.
 */
function mainProcess(longestLifeMs: number): string[] {
  const seconds = String(Math.ceil(longestLifeMs / 1_000))
  return ['sh', '-c', 'trap "exit 0" TERM; sleep "$0" & wait $!', seconds]
}

async function makeDirectory(transport: Transport, signal: AbortSignal): Promise<void> {
  const ended = await transport.run(['mkdir', '-p', '-m', '700', directory], { signal })
  if (ended.exitCode === 0) return
  throw new TransportError(`${transport.name}: the directory ${directory} cannot be made: ${describeEnd(ended)}`)
}

async function endAll(cleanUps: CleanUpStack): Promise<void> {
  const errors = await cleanUps.run()
  if (errors.length > 0) throw combineErrors(errors)
}
