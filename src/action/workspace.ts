import { realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { canReach, reachableDirectory } from '../host/reach.ts'
import { randomName } from '../host/secret.ts'
import { temporaryDirectory } from '../host/temporary-directory.ts'
import { ConfigError, PermissionError } from '../kernel/errors.ts'
import type { Run } from '../run/run.ts'
import { type Account, baseEnvironment, findAccount, sudoUser } from './account.ts'
import type { ActionPlan, ActionSurroundings, Endpoints } from './action-plan.ts'
import { ActionScope } from './action-scope.ts'
import { type PathMappingRule, pathMappingJson } from './path-mapping.ts'
import { giveDirectory, makeOwnedDirectory, writePrivateFile } from './private-file.ts'
import { Redactions } from './redactions.ts'
import { isSettled, settlePlan } from './settled-plan.ts'
import { recordExit } from './standby-exit.ts'
import { mergeLayers, type VariableLayer } from './variable-changes.ts'

const nameLength = 12
const directoryMode = 0o700
/** Where everybody may make something. */
const openDirectories = ['/tmp', '/var/tmp'] as const

export interface WorkspaceOptions {
  /** As whom actions run: root becomes any user, others by `sudo -n`. Default: the present user. */
  readonly user?: string | undefined
  /** The directory stays when everything is over. Default: false. */
  readonly keepsDirectory?: boolean | undefined
  /** Where the directory is made; it must exist. Default: the system's temporary directory. */
  readonly rootDirectory?: string | undefined
  readonly pathMappingRules?: readonly PathMappingRule[] | undefined
}

export interface NamedWorkspaceOptions extends WorkspaceOptions {
  /** Unique end of the directory's name. Default: a random one. */
  readonly name?: string | undefined
}

/** A directory in which actions run, readable by nobody but the user as whom they do, and what they have in common. */
export class Workspace {
  readonly directory: string
  readonly owner: Account | undefined
  readonly redactions = new Redactions()
  readonly #run: Run
  readonly #pathMappingFile: string
  readonly #remove: () => Promise<void>
  #actions = 0

  private constructor(run: Run, made: { directory: string; owner: Account | undefined; remove: () => Promise<void> }) {
    this.#run = run
    this.directory = made.directory
    this.owner = made.owner
    this.#remove = made.remove
    this.#pathMappingFile = join(made.directory, 'path_mapping_rules.json')
  }

  /** @throws ERR_CONFIG for a user or rules that make no sense, ERR_PERMISSION, ERR_STATE_DIRECTORY */
  static async open(run: Run, options: NamedWorkspaceOptions): Promise<Workspace> {
    const owner = findAccount(options.user)
    const rules = pathMappingJson(options.pathMappingRules ?? [])
    const root = options.rootDirectory === undefined ? placeFor(owner) : rootFor(options.rootDirectory, owner)
    const path = join(root, `test-services-session-${options.name ?? randomName(nameLength)}`)
    const remove = options.keepsDirectory ? keep(path, owner) : await make(run, path, owner)
    const workspace = new Workspace(run, { directory: path, owner, remove })
    writePrivateFile(workspace.#pathMappingFile, rules, { owner })
    return workspace
  }

  /** For the actions of one environment, or of one task. */
  createScope(label: string): ActionScope {
    return new ActionScope(this.#run, { label, account: this.owner })
  }

  /** For what all of them leave behind: whatever else it has lost, it still stands in the directory. */
  createOuterScope(label: string): ActionScope {
    return new ActionScope(this.#run, { label, account: this.owner, directories: [this.directory] })
  }

  /** What every action in here has around it. */
  surroundings(): Omit<ActionSurroundings, 'scope' | 'environment'> {
    const { directory, owner, redactions } = this
    const filesDirectory = join(directory, `embedded_files-${++this.#actions}`)
    return { directory, owner, redactions, filesDirectory, pathMappingFile: this.#pathMappingFile }
  }

  /** The environment of its actions: this process's own, or what is for every user, below these layers. */
  environment(...layers: readonly VariableLayer[]): Record<string, string> {
    return mergeLayers(baseEnvironment(this.owner), { OPENJD_SESSION_WORKING_DIR: this.directory }, ...layers)
  }

  /** The plan with its functions called; as it is where they throw, since running it tells why. */
  settle(plan: ActionPlan, ports?: Endpoints): ActionPlan {
    try {
      return settlePlan(plan, { ...this.surroundings(), ports })
    } catch {
      return plan
    }
  }

  /** Has the guardian run this exit, should this process die before it does; gives what records that it has been run. */
  standBy(plan: ActionPlan, ...layers: readonly VariableLayer[]): () => void {
    const { directory, owner } = this
    if (!isSettled(plan)) return () => {}
    return recordExit(this.#run, plan, { environment: this.environment(...layers), directory, owner })
  }

  /** Removes the directory, unless it is to be kept. Processes that stand in it are ended by those who know them. */
  async close(): Promise<void> {
    await this.#remove()
  }
}

/** Where directories of that user can be made. */
function placeFor(owner: Account | undefined): string {
  const temporary = realpathSync(temporaryDirectory())
  if (!owner) return temporary
  const identity = { kind: 'other-user', prefix: [], ...owner } as const
  if (owner.via === 'root') return reachableDirectory(temporary, identity)
  // That user makes it, in a place where everybody may.
  return [temporary, ...openDirectories].find((path) => canReach(path, identity)) ?? temporary
}

/** The directory that the caller wants, if the user of the actions can get there. */
function rootFor(rootDirectory: string, owner: Account | undefined): string {
  const isUsable = statSync(rootDirectory, { throwIfNoEntry: false })?.isDirectory()
  if (!isUsable) throw new ConfigError(`rootDirectory: expected a directory that exists, but got "${rootDirectory}"`)
  const root = realpathSync(rootDirectory)
  if (!owner || canReach(root, { kind: 'other-user', prefix: [], ...owner })) return root
  throw new PermissionError(`rootDirectory: user "${owner.name}" cannot enter "${root}"; choose one that it can enter`)
}

function keep(path: string, owner: Account | undefined): () => Promise<void> {
  makeOwnedDirectory(path, owner)
  return async () => {}
}

async function make(run: Run, path: string, owner: Account | undefined): Promise<() => Promise<void>> {
  const { release } = await run.createDirectory(path, directoryMode, sudoUser(owner))
  giveDirectory(path, owner)
  return release
}
