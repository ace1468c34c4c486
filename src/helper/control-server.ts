import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { asError, TestServicesError } from '../kernel/errors.ts'

/** ActionRunner of a holder, requested over its control socket. */
export type ControlActions = Readonly<Record<string, (services: readonly string[] | undefined) => Promise<unknown>>>

/** Answers `POST /<action>` on a unix socket; the directory of the socket keeps other users out. */
export async function startControlServer(socketPath: string, actions: ControlActions): Promise<Server> {
  const server = createServer((incoming, response) => {
    answer(incoming, actions).then(
      (value) => reply(response, 200, { value: value ?? null }),
      (thrown: unknown) => reply(response, 500, errorBody(thrown)),
    )
  })
  server.listen(socketPath)
  await once(server, 'listening')
  chmodSync(socketPath, 0o600)
  return server
}

async function answer(incoming: IncomingMessage, actions: ControlActions): Promise<unknown> {
  const name = incoming.url?.slice(1) ?? ''
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined
  if (!action) throw new Error(`the helper knows no action ${incoming.url}`)
  const { services } = JSON.parse(await text(incoming)) as { services?: string[] }
  return action(services)
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function errorBody(thrown: unknown): { message: string; code?: string } {
  const error = asError(thrown)
  return error instanceof TestServicesError ? { message: error.message, code: error.code } : { message: error.message }
}

export interface Question {
  readonly action: string
  /** Names of the services. Default: all. */
  readonly services?: readonly string[] | undefined
  /** Ends the wait for a holder that is stopped or too busy to answer. */
  readonly signal?: AbortSignal | undefined
}

/** Asks a holder to perform an action; throws the error that the holder threw. */
export async function askHolder<T>(socketPath: string, { action, services, signal }: Question): Promise<T> {
  const asked = request({ socketPath, method: 'POST', path: `/${action}`, agent: false, ...(signal && { signal }) })
  asked.end(JSON.stringify({ services }))
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  const body = JSON.parse(await text(response)) as { value: T } | { message: string; code?: TestServicesError['code'] }
  if ('value' in body) return body.value
  throw body.code ? new TestServicesError(body.code, body.message) : new Error(body.message)
}
