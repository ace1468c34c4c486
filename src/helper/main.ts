import { chosenProfile, findStack } from '../config/stack.ts'
import { closeInheritedDescriptors } from '../host/descriptors.ts'
import { asError, TestServicesError } from '../kernel/errors.ts'
import { type Handshake, handshakeDescriptor, openHandshake } from './handshake.ts'
import { hold } from './hold.ts'
import type { HelperRequest } from './request.ts'
import { StopSignals } from './stop-signals.ts'

/** The helper: holds the session open after the command that started it has returned. */
async function main(request: HelperRequest): Promise<void> {
  closeInheritedDescriptors([handshakeDescriptor])
  using signals = new StopSignals()
  const handshake = openHandshake(() => signals.ask())
  try {
    await holdFor(request, signals, handshake)
  } catch (thrown) {
    process.exitCode = 1
    report(asError(thrown), handshake)
  } finally {
    handshake.finish()
  }
}

async function holdFor(request: HelperRequest, signals: StopSignals, handshake: Handshake): Promise<void> {
  const stack = await findStack(request)
  await hold({
    stack,
    name: request.name,
    profile: chosenProfile(stack.prefix),
    timeoutMs: request.timeoutMs,
    signals,
    onEvent: (event) => handshake.tell({ kind: 'event', event }),
    onReady: (variables) => {
      handshake.tell({ kind: 'ready', variables, holderPid: process.pid })
      handshake.finish()
    },
  })
}

/** To the command, as long as it listens; and to the helper's own log. */
function report(error: Error, handshake: Handshake): void {
  const code = error instanceof TestServicesError ? error.code : undefined
  handshake.tell({ kind: 'failed', message: error.message, code })
  process.stderr.write(`${error.stack ?? error.message}\n`)
}

await main(JSON.parse(process.argv[2] ?? '{}') as HelperRequest)
