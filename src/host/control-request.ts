import { text } from 'node:stream/consumers'
import { Deadline } from '../kernel/deadline.ts'
import { hasCode } from '../kernel/errors.ts'
import { lazy } from '../kernel/lazy.ts'
import { parseJson } from '../kernel/parse-json.ts'
import { ignore } from '../kernel/value-unless.ts'

/** Control channel of a server program of ours: an HTTP address, and the credentials of one client. */
export interface ControlChannel {
  readonly url: string
  readonly user: string
  readonly password: string
}

export interface ControlRequest {
  /** Method and path: `DELETE /mails`. */
  readonly call: string
  readonly body?: object
  /** Default: 5,000. */
  readonly limitMs?: number
}

const answerLimitMs = 5_000

/** The server does not know the client, or is a different server: the tenant of the client is gone. */
export class UnknownClientError extends Error {}

interface Answer {
  readonly status: number
  readonly text: string
}

/**
 * Imports the module late: most commands ask no such server. The agent keeps connections open; an idle connection does
 * not keep the process alive.
 */
const loadHttp = lazy(async () => {
  const { Agent, request } = await import('node:http')
  return { request, agent: new Agent({ keepAlive: true }) }
})

/**
 * Sends a request to a server program of ours, and returns the JSON of the answer. Avoids `fetch`: the first `fetch` of
 * a process costs Node 20 to 40 ms.
 *
 * @throws UnknownClientError if the server refuses the credentials, or has no such control channel; ERR_DEADLINE
 */
export async function askControl<T>(channel: ControlChannel, asked: ControlRequest): Promise<T> {
  const limit = new Deadline(`asking ${channel.url}: ${asked.call}`, asked.limitMs ?? answerLimitMs)
  const answer = await limit.race((signal) => send(channel, asked, signal))
  if (answer.status === 200) return parseJson(answer.text) as T
  const message = `${asked.call}: HTTP ${answer.status} ${answer.text.slice(0, 200).trim()}`
  throw [401, 403, 404].includes(answer.status) ? new UnknownClientError(message) : new Error(message)
}

/** The stop of a server that does not answer is not delayed for longer. */
const discardLimitMs = 500

/**
 * Tells a server program not to save its content at the stop, because the instance ends. Ignores a server that does not
 * answer.
 */
export async function discardContent(channel: ControlChannel): Promise<void> {
  await askControl(channel, { call: 'POST /discard', limitMs: discardLimitMs }).catch(
    ignore('ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ERR_DEADLINE'),
  )
}

async function send(channel: ControlChannel, asked: ControlRequest, signal: AbortSignal): Promise<Answer> {
  const { request, agent } = await loadHttp()
  const [method, path = ''] = asked.call.split(' ')
  return new Promise((resolve, reject) => {
    const options = { method, agent, auth: `${channel.user}:${channel.password}`, signal }
    const sent = request(`${channel.url}${path}`, options, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, text: body }), reject)
    })
    // A kept connection may be closed by the server while the request is on its way.
    sent.on('error', (error) => {
      if (sent.reusedSocket && hasCode(error, 'ECONNRESET', 'EPIPE')) send(channel, asked, signal).then(resolve, reject)
      else reject(error)
    })
    sent.end(asked.body && JSON.stringify(asked.body))
  })
}
