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

function argvOf(misbehaviour: Misbehaviour, exitCode: number): readonly [string, ...string[]] {
  return program('misbehaving-server', misbehaviour, String(exitCode))
}
