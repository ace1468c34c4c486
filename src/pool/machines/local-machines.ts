import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import * as v from 'valibot'
import { temporaryDirectory } from '../../host/files/temporary-directory.ts'
import { randomName } from '../../host/secret.ts'
import { CleanUpStack } from '../../kernel/cleanup-stack.ts'
import { asError, combineErrors } from '../../kernel/errors.ts'
import { acquireRun, releaseRun } from '../../run/own-run.ts'
import { parseOptions } from '../../service/options/parse-options.ts'
import { local } from '../../transport/local.ts'
import { createProvisioner } from './create-provisioner.ts'
import type { Provisioner } from './machine.ts'
import type { MadeMachine } from './machine-maker.ts'
import { MachineTransport } from './machine-transport.ts'
import { ownPlatform } from './platform.ts'

/** Options of `localMachines`. */
export interface LocalMachinesOptions {
  /** Tests at a time. Default: the number of processors. */
  readonly slots?: number | undefined
  /** Default: the version of Node and the processor of the local host: `node20@x86_64`. */
  readonly platform?: string | undefined
  /** Directory for the directories of the machines. Default: the temporary directory. */
  readonly directory?: string | undefined
}

const optionsSchema = v.strictObject({
  slots: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  platform: v.optional(v.string()),
  directory: v.optional(v.string()),
})

const randomLength = 8
/** Name of the directory for temporary files, in the directory of a machine. */
const temporaryName = '.tmp'

/**
 * Provides the local host as several machines: tests run at the same time, each in a separate directory.
 *
 * @throws ERR_CONFIG for an invalid option
 */
export function localMachines(options: LocalMachinesOptions = {}): Provisioner {
  parseOptions(optionsSchema, options, 'localMachines()')
  const { slots = availableParallelism(), platform = ownPlatform(), directory } = options
  const make = (number: number): Promise<MadeMachine> => makeMachine(`local-${number}`, { platform, directory })
  return createProvisioner({ name: 'local', slots, make })
}

/** Makes a machine. The directory is on record, and is removed even if this process dies. */
async function makeMachine(
  name: string,
  { platform, directory: place }: Required<Omit<LocalMachinesOptions, 'slots'>> & { readonly platform: string },
): Promise<MadeMachine> {
  const cleanUps = new CleanUpStack()
  const end = async (): Promise<void> => {
    const errors = await cleanUps.run()
    if (errors.length > 0) throw combineErrors(errors)
  }
  try {
    const run = await acquireRun()
    cleanUps.add(() => releaseRun(run))
    const base = place === undefined ? temporaryDirectory() : resolve(place)
    await mkdir(base, { recursive: true })
    const { value: directory, release } = await run.createDirectory(join(base, `ts-${randomName(randomLength)}`))
    cleanUps.add(release)
    const temporary = join(directory, temporaryName)
    await mkdir(temporary)
    const here = local()
    cleanUps.add(() => here.close())
    // A killed process leaves its temporary files to the end of the machine.
    const transport = new MachineTransport(here, { TMPDIR: temporary })
    cleanUps.add(() => transport.close())
    return { name, platform, transport, directory, end }
  } catch (thrown) {
    throw combineErrors([asError(thrown), ...(await cleanUps.run())])
  }
}
