import { readFileSync } from 'node:fs'
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { text as readText } from 'node:stream/consumers'
import { Deadline } from '../kernel/deadline.ts'
import { asError, ContainerError, hasCode } from '../kernel/errors.ts'
import { parseJson } from '../kernel/parse-json.ts'
import { type EngineAddress, parseAddress } from './addresses.ts'

export interface EngineRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Sent as JSON. */
  readonly body?: object | undefined
  readonly signal?: AbortSignal | undefined
  /** Limit until the end of the answer, in milliseconds. Default: 10,000. */
  readonly limitMs?: number | undefined
}

export interface EngineAnswer {
  readonly status: number
  readonly body: unknown
}

const answerLimitMs = 10_000
const gone = ['ECONNREFUSED', 'ENOENT', 'EACCES', 'ECONNRESET', 'EPIPE', 'ENOTFOUND', 'EHOSTUNREACH']

/**
 * The common HTTP API of Docker and Podman, over a connection for each request. The library `dockerode` is not used:
 * `dockerode` weighs 19 MB, and takes 20 times as long to load as a request to be answered.
 *
 * @see https://docs.docker.com/reference/api/engine/version/v1.41/
 */
export class Engine {
  readonly #address: EngineAddress

  /** @param url for example `unix:///run/podman/podman.sock` */
  constructor(url: string) {
    this.#address = parseAddress(url)
  }

  get url(): string {
    return this.#address.url
  }

  /**
   * Asks the engine; returns the answer, also a refusal.
   *
   * @throws ERR_CONTAINER if the engine does not answer in time; ERR_CANCELED
   */
  async ask(path: string, { limitMs = answerLimitMs, signal, ...request }: EngineRequest = {}): Promise<EngineAnswer> {
    const deadline = new Deadline(`asking the container engine at ${this.url}`, limitMs, signal)
    try {
      return await deadline.race(async (over) => {
        const answer = await this.open(path, { ...request, signal: over })
        const body = await readText(answer)
        return { status: answer.statusCode ?? 0, body: parseJson(body) ?? body }
      })
    } catch (thrown) {
      throw this.#describe(asError(thrown), limitMs)
    }
  }

  /** Like `ask`. @throws ERR_CONTAINER also if the engine refuses, with the reason */
  async require(path: string, request: EngineRequest = {}): Promise<unknown> {
    const { status, body } = await this.ask(path, request)
    if (status < 400) return body
    throw new ContainerError(`the container engine at ${this.url} refuses: ${reasonIn(body)}`)
  }

  /** Sends a request, and returns the answer as a stream. The signal ends both. */
  async open(path: string, { method = 'GET', body, signal }: EngineRequest = {}): Promise<IncomingMessage> {
    const content = body && JSON.stringify(body)
    const headers = content ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) } : {}
    const connect = await this.#connector()
    return new Promise((resolve, reject) => {
      const request = connect({ path, method, headers, agent: false, ...(signal && { signal }) })
      request.on('response', resolve).on('error', reject).end(content)
    })
  }

  /**
   * Sends a request to turn the connection into a stream in both directions. The signal ends the request.
   *
   * @throws ERR_CONTAINER if the engine refuses, or does not answer
   */
  async attach(path: string, body: object, signal?: AbortSignal): Promise<Duplex> {
    const content = JSON.stringify(body)
    const json = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) }
    const headers = { ...json, connection: 'Upgrade', upgrade: 'tcp' }
    const connect = await this.#connector()
    const refused = async (answer: IncomingMessage): Promise<never> => {
      const text = await readText(answer)
      throw new ContainerError(`the container engine at ${this.url} refuses: ${reasonIn(parseJson(text) ?? text)}`)
    }
    return new Promise<Duplex>((resolve, reject) => {
      const request = connect({ path, method: 'POST', headers, agent: false, ...(signal && { signal }) })
      request.on('upgrade', (_answer, stream, head) => {
        if (head.length > 0) stream.unshift(head)
        resolve(stream)
      })
      request.on('response', (answer) => refused(answer).catch(reject))
      request.on('error', (error) => reject(this.#describe(error, answerLimitMs))).end(content)
    })
  }

  /** Imports the modules late: a command without containers need not wait for the modules. */
  async #connector(): Promise<(options: RequestOptions) => ClientRequest> {
    const address = this.#address
    const { request } = await import('node:http')
    if ('socketPath' in address)
      return (options) => request({ ...options, socketPath: address.socketPath, host: 'localhost' })
    const { host, port, certificates } = address
    if (certificates === undefined) return (options) => request({ ...options, host, port })
    const { request: requestByTls } = await import('node:https')
    const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readFileSync(join(certificates, name)))
    return (options) => requestByTls({ ...options, host, port, ca, cert, key })
  }

  #describe(error: Error, limitMs: number): Error {
    if (hasCode(error, 'ERR_DEADLINE'))
      return new ContainerError(`the container engine at ${this.url} does not answer within ${limitMs} ms`, {
        cause: error,
      })
    // Without a cause: a refused connection would count as the end of the container, but containers outlive the engine.
    if (hasCode(error, ...gone) || /socket hang up/.test(error.message))
      return new ContainerError(`no container engine answers at ${this.url}: ${error.message}`)
    return error
  }
}

/** Returns the text of a refusal. */
export function reasonIn(body: unknown): string {
  const { message, cause } = Object(body) as { readonly message?: unknown; readonly cause?: unknown }
  return String(message ?? cause ?? body).trim()
}
