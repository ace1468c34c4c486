import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { dirname, join } from 'node:path'
import { json } from 'node:stream/consumers'
import { deserialize, serialize } from 'node:v8'
import { settingsFile } from './modules/server-settings.ts'

/** How the server tells a client from the others. For AWS, the user is the access key. */
export interface Credentials {
  readonly user: string
  readonly password: string
}

/** Settings of a server program. The path of their JSON file is its first argument. */
export interface ServerSettings<Access extends Credentials = Credentials> {
  readonly host: string
  readonly port: number
  /** The first account. */
  readonly account: Access
}

/** The part of a server that belongs to one client. */
export interface ServedAccount<Access extends Credentials = Credentials> {
  readonly credentials: Access
  /** The content, for `serialize` of `node:v8`. */
  readonly saved: unknown
  /** Restores the template. */
  reset(): Promise<void> | void
  /** Makes the present content the template. */
  keepTemplate?(): Promise<void> | void
  /** Called when the client has left. */
  close?(): Promise<void>
}

/** A command of the fixture. */
interface Asked {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
}

type Command<Account> = (account: Account, asked: Asked) => Promise<unknown> | unknown
type Commands<Account> = Readonly<Record<string, Command<Account>>>

/** The parts that differ between the servers of S3, DynamoDB and SMTP. */
interface AccountServerParts<Account extends ServedAccount> {
  readonly settings: ServerSettings<Account['credentials']>
  /** @param model an account with the template of the new one */
  create(credentials: Account['credentials'], model?: Account): Promise<Account> | Account
  restore(saved: Account['saved']): Promise<Account> | Account
  /** What the port is for, in the log. Default: for everything. */
  readonly purpose?: string
  /** Answers a request of an application. Default: applications use another port. */
  serve?(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Further commands, by method and path. Their results are answered as JSON. */
  readonly commands?: Commands<Account>
}

/** Path of the commands where applications use the same port. */
const controlPath = '/_test-services'

/**
 * An HTTP server with accounts, which takes commands of the fixture: by default on the port on which it serves
 * applications. A stop by SIGTERM saves the content, which the next start of the instance finds.
 */
export class AccountServer<Account extends ServedAccount> {
  readonly accounts = new Map<string, Account>()
  readonly #parts: AccountServerParts<Account>
  readonly #controlPath: string
  readonly #commands: Commands<Account>
  /** Content at a stop. */
  readonly #contentFile: string
  /** Content of the template, for a start after a kill. */
  readonly #templateFile: string

  constructor(parts: AccountServerParts<Account>) {
    this.#parts = parts
    this.#controlPath = parts.serve ? controlPath : ''
    const directory = dirname(settingsFile())
    this.#contentFile = join(directory, 'content')
    this.#templateFile = join(directory, 'template')
    this.#commands = {
      ...parts.commands,
      'POST /reset': (account) => account.reset(),
      'POST /template': (account) => this.#keepTemplate(account),
      'POST /discard': () => void process.off('SIGTERM', this.#saveAndExit),
      'GET /accounts': () => [...this.accounts.keys()],
      'POST /accounts': async (account, { request }) =>
        this.#open((await json(request)) as Account['credentials'], account),
      'DELETE /accounts/own': (account) => this.#close(account),
    }
  }

  /** Restores the content, if there is any, and begins to serve. */
  async start(): Promise<void> {
    const {
      settings: { host, port },
      purpose,
    } = this.#parts
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
    server.listen(port, host, () => console.log(`listening on port ${port}${purpose ? ` for ${purpose}` : ''}`))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { serve } = this.#parts
    if (serve && !request.url?.startsWith(`${controlPath}/`)) return serve(request, response)
    const { status, value } = await this.#obey(request, response)
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value ?? {}))
  }

  /** Does a command for the account whose credentials the fixture sends. */
  async #obey(request: IncomingMessage, response: ServerResponse): Promise<{ status: number; value: unknown }> {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://localhost')
    const command = this.#commands[`${request.method} ${pathname.slice(this.#controlPath.length)}`]
    const { authorization } = request.headers
    const account = [...this.accounts.values()].find(({ credentials }) => authorization === headerOf(credentials))
    if (!account) return { status: 401, value: { error: 'wrong user or password' } }
    if (!command) return { status: 404, value: { error: `there are ${Object.keys(this.#commands).join(', ')}` } }
    try {
      return { status: 200, value: await command(account, { request, response, query }) }
    } catch (thrown) {
      return { status: 500, value: { error: (thrown as Error).message } }
    }
  }

  #add(account: Account): void {
    this.accounts.set(account.credentials.user, account)
  }

  /** Two services of one stack may be the same client of this server. */
  async #open(credentials: Account['credentials'], model: Account): Promise<void> {
    if (!this.accounts.has(credentials.user)) this.#add(await this.#parts.create(credentials, model))
  }

  async #close(account: Account): Promise<void> {
    this.accounts.delete(account.credentials.user)
    await account.close?.()
  }

  async #keepTemplate(account: Account): Promise<void> {
    await account.keepTemplate?.()
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
    if (file === undefined) return this.#add(await this.#parts.create(this.#parts.settings.account))
    for (const saved of deserialize(readFileSync(file)) as Account['saved'][])
      this.#add(await this.#parts.restore(saved))
    rmSync(this.#contentFile, { force: true })
  }
}

function headerOf({ user, password }: Credentials): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}
