import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { parseJson } from '../kernel/parse-json.ts'

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
  readonly signal?: AbortSignal | undefined
}

/** The server does not know the client, or is a different server: the tenant of the client is gone. */
export class UnknownClientError extends Error {}

interface Answer {
  readonly status: number
  readonly text: string
}

/** Keeps connections open; an idle connection does not keep the process alive. */
const agent = new Agent({ keepAlive: true })

/**
 * Sends a request to a server program of ours, and returns the JSON of the answer. Avoids `fetch`: the first `fetch` of
 * a process costs Node 20 to 40 ms.
 *
 * @throws UnknownClientError if the server refuses the credentials, or has no such control channel
 */
export async function askControl<T>(channel: ControlChannel, asked: ControlRequest): Promise<T> {
  const answer = await send(channel, asked)
  if (answer.status === 200) return parseJson(answer.text) as T
  const message = `${asked.call}: HTTP ${answer.status} ${answer.text.slice(0, 200).trim()}`
  throw [401, 403, 404].includes(answer.status) ? new UnknownClientError(message) : new Error(message)
}

function send(channel: ControlChannel, asked: ControlRequest): Promise<Answer> {
  const [method, path = ''] = asked.call.split(' ')
  return new Promise((resolve, reject) => {
    const options = { method, agent, auth: `${channel.user}:${channel.password}`, signal: asked.signal }
    const sent = request(`${channel.url}${path}`, options, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, text: body }), reject)
    })
    // A kept connection may be closed by the server while the request is on its way.
    sent.on('error', (error: NodeJS.ErrnoException) => {
      if (sent.reusedSocket && error.code === 'ECONNRESET') send(channel, asked).then(resolve, reject)
      else reject(error)
    })
    sent.end(asked.body && JSON.stringify(asked.body))
  })
}
