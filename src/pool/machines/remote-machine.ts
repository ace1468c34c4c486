import { moduleUrl } from '../../host/modules/package-program.ts'
import { epochMs } from '../../kernel/clock.ts'
import { Deadline } from '../../kernel/deadline.ts'
import { acquireRun, releaseRun } from '../../run/own-run.ts'
import type { Run } from '../../run/run.ts'
import type { SshOptions } from '../../transport/ssh/ssh-options.ts'
import type { Transport } from '../../transport/transport.ts'
import { endRemoteDirectory, newRemoteDirectory, type RemoteDirectory } from './remote-directory.ts'
import { sealOptions } from './sealed-options.ts'

interface NewMachine {
  /** Directory for the directories of the machines. */
  readonly place: string
  /** How the guardian reaches the host. */
  readonly options: SshOptions
  /** Name of the host, for messages. */
  readonly host: string
  readonly longestLifeMs: number
}

/** Limit for the end of a machine. */
const endLimitMs = 20_000

/** A machine on a host, on record: when this process is killed, the guardian ends the machine. */
export class RemoteMachine {
  readonly directory: RemoteDirectory
  readonly #run: Run
  readonly #label: string
  readonly #ended: () => void

  private constructor(run: Run, { place, options, host, longestLifeMs }: NewMachine) {
    this.directory = newRemoteDirectory(place)
    this.#run = run
    this.#label = `directory ${this.directory.root} of ${host}`
    const data = { ...sealOptions(options), directory: this.directory, endsAt: epochMs() + longestLifeMs }
    const module = moduleUrl('ssh-reclaim')
    this.#ended = run.record({ kind: 'reclaim', module, data, label: this.#label })
  }

  /** Puts a machine on record, before the machine is made. */
  static async record(machine: NewMachine): Promise<RemoteMachine> {
    return new RemoteMachine(await acquireRun(), machine)
  }

  /** Ends the processes of the machine, and removes the directory. @throws ERR_TRANSPORT, ERR_DEADLINE */
  async end(transport: Transport): Promise<void> {
    const limit = new Deadline(`removing the ${this.#label}`, endLimitMs)
    await limit.race((over) => endRemoteDirectory(transport, this.directory, over))
    this.#ended()
    await releaseRun(this.#run)
  }

  /** Leaves the machine to the guardian, and to later sweeps. @throws ERR_LEFT_BEHIND */
  async giveUp(): Promise<void> {
    await releaseRun(this.#run)
  }
}
