import { createWriteStream } from 'node:fs'
import { Duplex } from 'node:stream'
import { findStack } from '../../config/stack.ts'
import { StateError } from '../../kernel/errors.ts'
import { type Answer, LineChannel } from '../../kernel/line-channel.ts'
import { HeldServices } from './held-services.ts'
import { channelVariable, type ServicesRequest, type StartedThere } from './services-request.ts'

/**
 * A program with services on a machine, for a pool on another host, in the copy of the project. Requests come through standard input, answers go
 * through the control descriptor. The program and the services end when the input ends or a signal asks for the end.
 */

const over = new AbortController()
let services: Promise<HeldServices> | undefined

async function start({ configFile, names, timeoutMs }: ServicesRequest): Promise<HeldServices> {
  const directory = process.cwd()
  const found = await findStack({ directory, names, configFile, timeoutMs, signal: over.signal })
  const all = names.length > 0 ? names : Object.keys(found.config.services)
  return HeldServices.open({ ...found, directory, names: all }, { timeoutMs, signal: over.signal })
}

async function held(): Promise<HeldServices> {
  if (services) return services
  throw new StateError('no services were started')
}

const answers: Readonly<Record<string, (argument: unknown) => Promise<unknown>>> = {
  start: async (request) => {
    services = start(request as ServicesRequest)
    const { variables, starts } = await services
    return { variables, starts } satisfies StartedThere
  },
  reset: async () => (await held()).reset(),
  logs: async () => (await held()).logs(),
  close: async () => (await held()).close(),
}

async function end(): Promise<void> {
  over.abort()
  await services?.then((opened) => opened.close()).catch(() => {})
  process.exit()
}

const answer: Answer = async (action, argument) => answers[action]?.(argument)
const writable = createWriteStream('', { fd: Number(process.env[channelVariable]) })
const channel = new LineChannel(Duplex.from({ readable: process.stdin, writable }), { answer, other: 'the pool' })
channel.onClose(() => void end())
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end())
