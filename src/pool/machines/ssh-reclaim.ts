import { epochMs } from '../../kernel/clock.ts'
import { asError } from '../../kernel/errors.ts'
import { ssh } from '../../transport/ssh.ts'
import { endRemoteDirectory, type RemoteDirectory } from './remote-directory.ts'
import { openOptions, type SealedOptions } from './sealed-options.ts'

interface SshMachine extends SealedOptions {
  readonly directory: RemoteDirectory
  /** When the host itself ends the machine, in milliseconds since 1970. */
  readonly endsAt: number
}

/** Time between the record of a machine and the beginning of its life. */
const longestMakingMs = 600_000

/** Returns the reason for which a machine stays on record. */
function noSecret({ options, endsAt }: SshMachine): Error {
  const end = new Date(endsAt).toISOString()
  return new Error(
    `only the killed pool and its guardian knew the password or passphrase for ${options.host}; the host ends the machine by itself at ${end}`,
  )
}

/**
 * Ends a machine on a host for a killed provisioner. Fails while the host cannot be reached: the machine then stays on
 * record, for the next sweep.
 *
 * Only the guardian of the provisioner has the secrets of the host. Without them, the machine counts as ended after the
 * end of its life.
 */
export async function reclaim(machine: SshMachine, limitMs: number): Promise<void> {
  const { directory, endsAt } = machine
  const options = openOptions(machine)
  if (!options && epochMs() > endsAt + longestMakingMs) return
  if (!options) throw noSecret(machine)
  await using transport = ssh(options)
  try {
    await endRemoteDirectory(transport, directory, AbortSignal.timeout(limitMs))
  } catch (thrown) {
    // Without a cause: a refused connection would count as the end of the machine, but the machine may come back.
    throw new Error(asError(thrown).message)
  }
}
