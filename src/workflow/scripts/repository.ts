import { posix } from 'node:path'
import * as v from 'valibot'
import { CommandError } from '../../kernel/errors.ts'
import type { CommandResult, WorkflowContext } from '../script/script.ts'
import { chosenTransports, transportArgument, word } from './arguments.ts'
import { runOrFail } from './run-or-fail.ts'

export const description = 'clones a Git repository, or updates the clone, to exactly a revision'

export const schema = v.strictObject({
  url: v.pipe(word, v.description('address, as for "git clone"')),
  directory: v.pipe(
    word,
    v.description('directory on the machine; begins in the directory of the step; changes in it are lost'),
  ),
  revision: v.optional(
    v.pipe(word, v.description('branch, tag or commit; default: the default branch of the address')),
  ),
  submodules: v.optional(v.pipe(v.boolean(), v.description('whether submodules are checked out, too')), true),
  transport: transportArgument,
})

type Arguments = v.InferOutput<typeof schema>

export default async function repository(context: WorkflowContext, args: Arguments): Promise<void> {
  for (const transport of chosenTransports(args.transport)) await new Checkout(context, args, transport).update()
}

/** Git asks nobody for a password: it fails at once. */
const environment = { GIT_TERMINAL_PROMPT: '0' }

/** The clone of a repository on one machine. */
class Checkout {
  readonly #context: WorkflowContext
  readonly #args: Arguments
  readonly #options: { readonly transport: string | undefined; readonly environment: typeof environment }

  constructor(context: WorkflowContext, args: Arguments, transport: string | undefined) {
    this.#context = context
    this.#args = args
    this.#options = { transport, environment }
  }

  async update(): Promise<void> {
    const { url, directory, submodules } = this.#args
    if (await this.#has('.git')) await this.#fetch()
    else await runOrFail(this.#context, ['git', 'clone', '--no-checkout', '--', url, directory], this.#options)
    const commit = await this.#commit()
    await this.#git('checkout', '--force', '--detach', commit)
    await this.#git('clean', '-ffdx')
    if (submodules && (await this.#has('.gitmodules'))) await this.#updateSubmodules()
    this.#context.log(`${directory} is at ${commit}`)
  }

  /** @throws ERR_COMMAND for a repository of another address: the changes in it are somebody's work */
  async #fetch(): Promise<void> {
    const { url, directory } = this.#args
    const origin = (await (await this.#try('config', '--get', 'remote.origin.url')).output()).trim()
    if (origin !== url)
      throw new CommandError(`${directory} is a repository of "${origin}", not of "${url}": name another directory`)
    await this.#git('fetch', '--force', '--prune', '--tags', 'origin')
  }

  /** Returns the commit of the revision. A branch means that of the address, not that of an earlier checkout. */
  async #commit(): Promise<string> {
    const { revision, url } = this.#args
    if (revision === undefined) {
      await this.#git('remote', 'set-head', 'origin', '--auto')
      return this.#resolve('refs/remotes/origin/HEAD') as Promise<string>
    }
    const known = await this.#firstOf(`refs/remotes/origin/${revision}`, `refs/tags/${revision}`, revision)
    if (known !== undefined) return known
    // A server may give a commit that no branch has.
    const fetched = await this.#try('fetch', 'origin', revision)
    const commit = fetched.exitCode === 0 ? await this.#resolve('FETCH_HEAD') : undefined
    if (commit !== undefined) return commit
    throw new CommandError(`there is no revision "${revision}" in ${url}`)
  }

  async #firstOf(...names: readonly string[]): Promise<string | undefined> {
    for (const name of names) {
      const commit = await this.#resolve(name)
      if (commit !== undefined) return commit
    }
    return undefined
  }

  async #resolve(name: string): Promise<string | undefined> {
    const result = await this.#try('rev-parse', '--verify', '--quiet', `${name}^{commit}`)
    return result.exitCode === 0 ? (await result.output()).trim() : undefined
  }

  async #updateSubmodules(): Promise<void> {
    await this.#git('submodule', 'sync', '--recursive')
    await this.#git('submodule', 'update', '--init', '--recursive', '--force')
    await this.#git('submodule', 'foreach', '--recursive', 'git clean -ffdx')
  }

  async #has(name: string): Promise<boolean> {
    const path = posix.join(this.#args.directory, name)
    return (await this.#context.run(['test', '-e', path], this.#options)).exitCode === 0
  }

  #git(...argv: readonly string[]): Promise<CommandResult> {
    return runOrFail(this.#context, this.#argv(argv), this.#options)
  }

  #try(...argv: readonly string[]): Promise<CommandResult> {
    return this.#context.run(this.#argv(argv), this.#options)
  }

  #argv(argv: readonly string[]): string[] {
    return ['git', '-C', this.#args.directory, ...argv]
  }
}
