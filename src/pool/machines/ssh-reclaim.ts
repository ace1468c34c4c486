import { asError } from '../../kernel/errors.ts'
import type { SshOptions } from '../../transport/ssh/ssh-options.ts'
import { ssh } from '../../transport/ssh.ts'
import { endRemoteDirectory, type RemoteDirectory } from './remote-directory.ts'

interface SshMachine {
  readonly options: SshOptions
  readonly directory: RemoteDirectory
}

/**
 * Ends a machine on a host for a killed provisioner. Fails while the host cannot be reached: the machine then stays on
 * record, for the next sweep.
 */
export async function reclaim({ options, directory }: SshMachine, limitMs: number): Promise<void> {
  await using transport = ssh(options)
  try {
    await endRemoteDirectory(transport, directory, AbortSignal.timeout(limitMs))
  } catch (thrown) {
    // Without a cause: a refused connection would count as the end of the machine, but the machine may come back.
    throw new Error(asError(thrown).message)
  }
}
