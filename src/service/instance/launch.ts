import type { UserIds } from '../../kernel/user-ids.ts'
import type { StopLadder } from '../../process/stop-ladder.ts'
import type { FoundServer } from '../server/server-description.ts'
import type { Notice } from './notice.ts'

/** How to start one process of an instance. */
export interface Launch {
  readonly argv: readonly string[]
  /** The command line shown in messages, without programs that wrap the command. Default: `argv`. */
  readonly shown?: readonly string[] | undefined
  /** Variables besides the marks; no other variable of this process is passed on. */
  readonly environment: Readonly<Record<string, string>>
  /** The working directory. Default: the instance's own. */
  readonly directory?: string | undefined
  readonly ladder: StopLadder
  /** The server that `context.findServer` has found, if `argv` runs one. */
  readonly server?: FoundServer | undefined
  /** Command that installs the program, for the error of a missing program. Default: as the server says. */
  readonly install?: string | undefined
  /** Slow preparation, to be done before the process begins. Runs while the process waits at the gate. */
  readonly before?: (() => Promise<void>) | undefined
  /** Notice given before the ladder. */
  readonly notice?: Notice | undefined
  /** Values to hide from people, in the log and in the command line. */
  readonly secrets?: readonly string[]
  readonly user?: UserIds | undefined
}
