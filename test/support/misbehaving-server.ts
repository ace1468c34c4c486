import { type CommandConfig, command, type ServiceDefinition } from '../../src/index.ts'
import { program } from './programs.ts'

/**
 * Ways in which `test/programs/misbehaving-server.mjs` goes wrong. `exits-on-request` exits when `/exit` is asked for;
 * the child of `leaves-a-child` has a session of its own and is ended by SIGKILL only.
 */
type Misbehaviour = 'exits-before-listening' | 'exits-on-request' | 'leaves-a-child' | 'never-listens'

/** Definition of a server that goes wrong, for a test that sets it up itself. */
export function misbehavingServer(misbehaviour: Misbehaviour, exitCode = 1): ServiceDefinition<CommandConfig> {
  return command({ command: argvOf(misbehaviour, exitCode) })
}

/** The same definition as text for the config file of a user's project, which has to import `command`. */
export function misbehavingServerText(misbehaviour: Misbehaviour, exitCode = 1): string {
  return `command({ command: ${JSON.stringify(argvOf(misbehaviour, exitCode))} })`
}

function argvOf(misbehaviour: Misbehaviour, exitCode: number): readonly [string, ...string[]] {
  return program('misbehaving-server', misbehaviour, String(exitCode))
}
