import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { dirname, join } from 'node:path'
import { json } from 'node:stream/consumers'
import { deserialize, serialize } from 'node:v8'

/** Keys of a client. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** Settings of a server program. The path of their JSON file is its first argument. */
export interface ServerSettings extends Credentials {
  readonly host: string
  readonly port: number
}

/** The part of a server that belongs to one client. */
export interface ServedAccount {
  readonly credentials: Credentials
  /** The content, for `serialize` of `node:v8`. */
  readonly saved: unknown
  /** Restores the template. */
  reset(): Promise<void> | void
  /** Makes the present content the template. */
  keepTemplate(): Promise<void> | void
}

/** What one kind of server does. */
interface AccountServerParts<Account extends ServedAccount> {
  readonly settings: ServerSettings
  /** @param model an account with the template of the new one */
  create(credentials: Credentials, model?: Account): Promise<Account> | Account
  restore(saved: Account['saved']): Promise<Account> | Account
  /** Answers a request of an application. */
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Further commands of the fixture, by method and path. */
  readonly commands?: Readonly<Record<string, (account: Account) => Promise<void>>>
}

type Command<Account> = (account: Account, request: IncomingMessage) => Promise<unknown> | unknown

/** Path of the commands, which no application uses. */
const controlPath = '/_test-services'

/**
 * An HTTP server with accounts: an application is told apart by its access key. The fixture sends commands to the same
 * port. A stop by SIGTERM saves the content, which the next start of the instance finds.
 */
export class AccountServer<Account extends ServedAccount> {
  readonly accounts = new Map<string, Account>()
  readonly #parts: AccountServerParts<Account>
  readonly #commands: Readonly<Record<string, Command<Account>>>
  /** Content at a stop. */
  readonly #contentFile: string
  /** Content of the template, for a start after a kill. */
  readonly #templateFile: string

  constructor(parts: AccountServerParts<Account>) {
    this.#parts = parts
    const directory = dirname(settingsFile())
    this.#contentFile = join(directory, 'content')
    this.#templateFile = join(directory, 'template')
    this.#commands = {
      'POST /reset': (account) => account.reset(),
      'POST /template': (account) => this.#keepTemplate(account),
      'POST /discard': () => void process.off('SIGTERM', this.#saveAndExit),
      'GET /accounts': () => [...this.accounts.keys()],
      'POST /accounts': async (account, request) =>
        this.#add(await parts.create((await json(request)) as Credentials, account)),
      'DELETE /accounts/own': (account) => void this.accounts.delete(account.credentials.accessKeyId),
      ...parts.commands,
    }
  }

  /** Restores the content, if there is any, and begins to serve. */
  async start(): Promise<void> {
    const { host, port } = this.#parts.settings
    await this.#loadContent()
    process.on('SIGTERM', this.#saveAndExit)
    const server = createServer((request, response) => {
      this.#answer(request, response).catch((error: Error) => {
        console.error(error)
        response.destroy()
      })
    })
    // A kept connection of a client may be idle for a whole test run.
    server.keepAliveTimeout = 0
    server.listen(port, host, () => console.log(`listening on port ${port}`))
  }

  #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isCommand = request.url?.startsWith(`${controlPath}/`)
    return isCommand ? this.#obey(request, response) : this.#parts.serve(request, response)
  }

  /** Does a command for the account whose keys the fixture sends. */
  async #obey(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const command = this.#commands[`${request.method} ${request.url?.slice(controlPath.length)}`]
    const { authorization } = request.headers
    const account = [...this.accounts.values()].find(({ credentials }) => authorization === headerOf(credentials))
    if (!account || !command) return void response.writeHead(account ? 404 : 401).end()
    try {
      response.end(JSON.stringify((await command(account, request)) ?? {}))
    } catch (thrown) {
      response.writeHead(500).end((thrown as Error).message)
    }
  }

  #add(account: Account): void {
    this.accounts.set(account.credentials.accessKeyId, account)
  }

  async #keepTemplate(account: Account): Promise<void> {
    await account.keepTemplate()
    this.#save(this.#templateFile)
  }

  #save(file: string): void {
    writeFileSync(file, serialize([...this.accounts.values()].map(({ saved }) => saved)), { mode: 0o600 })
  }

  readonly #saveAndExit = (): void => {
    this.#save(this.#contentFile)
    process.exit()
  }

  async #loadContent(): Promise<void> {
    const file = [this.#contentFile, this.#templateFile].find(existsSync)
    if (file === undefined) return this.#add(await this.#parts.create(this.#parts.settings))
    for (const saved of deserialize(readFileSync(file)) as Account['saved'][])
      this.#add(await this.#parts.restore(saved))
    rmSync(this.#contentFile, { force: true })
  }
}

/** Reads the settings of this server program. */
export function readServerSettings<Settings>(): Settings {
  return JSON.parse(readFileSync(settingsFile(), 'utf8'))
}

function settingsFile(): string {
  return process.argv[2] ?? ''
}

function headerOf({ accessKeyId, secretAccessKey }: Credentials): string {
  return `Basic ${Buffer.from(`${accessKeyId}:${secretAccessKey}`).toString('base64')}`
}
