import { chosenProfile, findStack } from '../config/stack.ts'
import { closeInheritedDescriptors } from '../host/descriptors.ts'
import { timestamp } from '../kernel/clock.ts'
import { asError } from '../kernel/errors.ts'
import { describeFailure, type Handshake, handshakeDescriptor, openHandshake } from './handshake.ts'
import { hold } from './hold.ts'
import type { HelperRequest } from './request.ts'
import { StopSignals } from './stop-signals.ts'

/** Runs the helper, which holds the session open after its command has returned. Returns the exit code. */
async function main(request: HelperRequest): Promise<number> {
  closeInheritedDescriptors([handshakeDescriptor])
  goOnWithoutLog()
  using signals = new StopSignals()
  const handshake = openHandshake(() => signals.ask())
  try {
    await holdFor(request, signals, handshake)
    return 0
  } catch (thrown) {
    reportFailure(asError(thrown), handshake)
    return 1
  } finally {
    await handshake.finish()
  }
}

async function holdFor(request: HelperRequest, signals: StopSignals, handshake: Handshake): Promise<void> {
  const stack = await findStack({ ...request, signal: signals.asked })
  await hold({
    stack,
    name: request.name,
    configFile: request.configFile,
    profile: chosenProfile(stack.prefix),
    timeoutMs: request.timeoutMs,
    signals,
    onEvent: (event) => {
      handshake.emit({ kind: 'event', event })
      if (event.kind === 'died') log(event.reason)
    },
    onReady: (variables) => {
      handshake.emit({ kind: 'ready', variables })
    },
  })
}

/**
 * Ignores errors of both output streams, which write to the helper's log: a full disk must not end the held services.
 */
function goOnWithoutLog(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
}

/** Reports an error to the command, as long as the command listens, and to the helper's own log. */
function reportFailure(error: Error, handshake: Handshake): void {
  handshake.emit({ kind: 'failed', errors: describeFailure(error) })
  log(error.stack ?? error.message)
}

function log(text: string): void {
  process.stderr.write(`${timestamp()} helper ${process.pid}: ${text}\n`)
}

// Exits now, even if a config has left a timer or a connection open.
process.exit(await main(JSON.parse(process.argv[2] ?? '{}') as HelperRequest))
