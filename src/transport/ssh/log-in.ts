import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { AnyAuthMethod, Client, ServerHostKeyAlgorithm } from 'ssh2'
import { optionalPeer } from '../../host/modules/optional-peer.ts'
import type { Deadline } from '../../kernel/deadline.ts'
import { asError, hasCode, TransportError } from '../../kernel/errors.ts'
import { gatherWrites } from './gather-writes.ts'
import { fingerprintOf, type HostKeyVerdict, KnownHosts, knownHostName } from './known-hosts.ts'
import { readPrivateKeys } from './private-keys.ts'
import type { SshTarget } from './ssh-options.ts'

/** A client after the login, with the socket. */
export interface LoggedIn {
  readonly client: Client
  readonly socket: Socket
}

/** Connects to sshd, verifies its host key, and logs in. @throws ERR_TRANSPORT, ERR_CONFIG, ERR_MISSING_BINARY */
export async function logIn(target: SshTarget, deadline: Deadline): Promise<LoggedIn> {
  const { default: ssh2 } = await optionalPeer('ssh2', () => import('ssh2'))
  const keys = readPrivateKeys(target, ssh2.utils.parseKey)
  const socket = await openSocket(target, deadline)
  const client = new ssh2.Client()
  const hostKey = new HostKey(target)
  const said: string[] = []
  client.on('banner', (text: string) => said.push(text))
  try {
    await deadline.race(async () => {
      client.connect({
        sock: socket,
        username: target.user,
        readyTimeout: 0,
        hostVerifier: (key: Buffer) => hostKey.isAccepted(key),
        ...hostKey.algorithms,
        authHandler: methodsOf(target, keys),
      })
      await untilReady(client)
    })
    return { client, socket }
  } catch (thrown) {
    client.destroy()
    socket.destroy()
    throw hostKey.refusal ?? cannotLogIn(target, asError(thrown), said.join(' '))
  }
}

/** A server without room for the moment, or before the end of its boot, closes the connection without an error. */
function untilReady(client: Client): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once('ready', resolve).once('close', () => reject(new Error('the other side has closed the connection')))
    // Stays: errors after the first would be unhandled.
    client.on('error', reject)
  })
}

async function openSocket({ name, host, port }: SshTarget, deadline: Deadline): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true })
  try {
    await deadline.race(() => once(socket, 'connect'))
    gatherWrites(socket)
    return socket
  } catch (thrown) {
    socket.destroy()
    throw new TransportError(`${name}: ${describeSocketError(thrown)}`, { cause: thrown })
  }
}

function describeSocketError(thrown: unknown): string {
  if (hasCode(thrown, 'ECONNREFUSED')) return 'the connection is refused; does sshd run there, on this port?'
  if (hasCode(thrown, 'ENOTFOUND', 'EAI_AGAIN')) return 'there is no host of this name'
  return `the connection cannot be opened: ${asError(thrown).message}`
}

const shownLength = 300

/** @param said by the server: a machine that boots tells users why it lets nobody in */
function cannotLogIn(target: SshTarget, error: Error, said: string): TransportError {
  const isRefused = (error as { level?: string }).level === 'client-authentication'
  const text = said
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(-shownLength)
  const reason = isRefused ? describeRefusal(target) : `cannot log in: ${error.message}${text && `: ${text}`}`
  return new TransportError(`${target.name}: ${reason}`, { cause: error, isPermanent: isRefused })
}

function describeRefusal({ user, keys, agent, password }: SshTarget): string {
  const tried = [...keys, ...(agent ? [`the agent ${agent}`] : []), ...(password === undefined ? [] : ['the password'])]
  const what = tried.length > 0 ? `tried ${tried.join(', ')}` : 'there is no key, no agent and no password to try'
  return `authentication failed for ${user}: ${what}`
}

function methodsOf({ user, agent, password }: SshTarget, keys: ReturnType<typeof readPrivateKeys>): AnyAuthMethod[] {
  const username = user
  return [
    ...keys.map((key) => ({ type: 'publickey' as const, username, key: key as never })),
    ...(agent ? [{ type: 'agent' as const, username, agent }] : []),
    ...(password === undefined ? [] : passwordMethods(username, password)),
  ]
}

/** Many servers ask for the password as the only question of a dialogue. */
function passwordMethods(username: string, password: string): AnyAuthMethod[] {
  const answer = (...[, , , prompts, finish]: [string, string, string, unknown[], (answers: string[]) => void]): void =>
    finish(prompts.map(() => password))
  return [
    { type: 'password', username, password },
    { type: 'keyboard-interactive', username, prompt: answer as never },
  ]
}

/** Algorithms for a type of key. */
const rsaAlgorithms: readonly ServerHostKeyAlgorithm[] = ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa']

/** The verification of a host key. */
class HostKey {
  readonly #target: SshTarget
  readonly #known: KnownHosts | undefined
  /** Why the key was not accepted. */
  refusal: TransportError | undefined

  constructor(target: SshTarget) {
    const { host, port, knownHosts } = target
    this.#target = target
    this.#known = knownHosts && new KnownHosts(knownHosts, knownHostName(host, port))
  }

  /** Asks for a key of a known type first: a host has several. */
  get algorithms(): { readonly algorithms?: { serverHostKey: ServerHostKeyAlgorithm[] } } {
    const types = this.#known?.types ?? []
    if (types.length === 0) return {}
    return {
      algorithms: {
        serverHostKey: types.flatMap((type) => (type === 'ssh-rsa' ? rsaAlgorithms : (type as ServerHostKeyAlgorithm))),
      },
    }
  }

  isAccepted(key: Buffer): boolean {
    const verdict = this.#known?.judge(key) ?? { kind: 'known' }
    if (verdict.kind === 'known') return true
    const reason = this.#describe(verdict, fingerprintOf(key))
    this.refusal = new TransportError(`${this.#target.name}: ${reason}`, { isPermanent: true })
    return false
  }

  #describe(verdict: HostKeyVerdict, fingerprint: string): string {
    const { host, port, knownHosts = [] } = this.#target
    switch (verdict.kind) {
      case 'changed':
        return `the host key has CHANGED to ${fingerprint}, which may be an attack; if it is not, remove ${verdict.place}`
      case 'revoked':
        return `the host key ${fingerprint} is revoked by ${verdict.place}`
      default:
        return `the host key ${fingerprint} is unknown; compare it, then add it: ssh-keyscan -p ${port} ${host} >> ${knownHosts[0]}`
    }
  }
}
