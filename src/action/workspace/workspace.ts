import { realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from '../../host/files/temporary-directory.ts'
import { canReach, reachableDirectory } from '../../host/reach.ts'
import { randomName } from '../../host/secret.ts'
import { ConfigError, PermissionError } from '../../kernel/errors.ts'
import { Redactor } from '../../kernel/redactor.ts'
import type { Run } from '../../run/run.ts'
import { ActionGroup } from '../action-group.ts'
import type { ActionPlan, ActionSurroundings, Endpoints } from '../action-plan.ts'
import { isSettled, settlePlan } from '../settled-plan.ts'
import { type Account, baseEnvironment, findAccount, otherUser } from '../user/account.ts'
import { giveDirectory, makeOwnedDirectory, writePrivateFile } from '../user/private-file.ts'
import { recordExit } from './exit-on-death.ts'
import { type PathMappingRule, pathMappingJson } from './path-mapping.ts'
import { mergeLayers, type VariableLayer } from './variable-changes.ts'

const nameLength = 12
const directoryMode = 0o700
/** Directories in which every user may create files. */
const openDirectories = ['/tmp', '/var/tmp'] as const

export interface WorkspaceOptions {
  /**
   * User for running actions: root can switch to any user, an ordinary user needs `sudo -n`. Default: the present user.
   */
  readonly user?: string | undefined
  /** Whether the directory is kept at the end. Default: false. */
  readonly keepsDirectory?: boolean | undefined
  /** Existing directory in which the session's directory is made. Default: the system's temporary directory. */
  readonly rootDirectory?: string | undefined
  readonly pathMappingRules?: readonly PathMappingRule[] | undefined
}

export interface NamedWorkspaceOptions extends WorkspaceOptions {
  /** Unique end of the directory's name. Default: random. */
  readonly name?: string | undefined
}

/** Directory of a session's actions, readable only by the user of the actions, and the values shared by all actions. */
export class Workspace {
  readonly directory: string
  readonly owner: Account | undefined
  readonly redactor = new Redactor()
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

  /** @throws ERR_CONFIG for an invalid user or rule, ERR_PERMISSION, ERR_STATE_DIRECTORY */
  static async open(run: Run, options: NamedWorkspaceOptions): Promise<Workspace> {
    const owner = findAccount(options.user)
    const rules = pathMappingJson(options.pathMappingRules ?? [])
    const root = options.rootDirectory === undefined ? placeFor(owner) : rootFor(options.rootDirectory, owner)
    const path = join(root, `test-services-session-${options.name ?? randomName(nameLength)}`)
    const remove = options.keepsDirectory ? keep(path, owner) : await makeWorkspaceDirectory(run, path, owner)
    const workspace = new Workspace(run, { directory: path, owner, remove })
    writePrivateFile(workspace.#pathMappingFile, rules, { owner })
    return workspace
  }

  /** Creates a process group for the actions of an OpenJD environment or of a task. */
  createGroup(label: string): ActionGroup {
    return new ActionGroup(this.#run, { label, account: this.owner })
  }

  /**
   * Creates the group for leftovers of all actions. Also finds processes by a working directory or standard stream
   * alone.
   */
  createOuterGroup(label: string): ActionGroup {
    return new ActionGroup(this.#run, { label, account: this.owner, directories: [this.directory] })
  }

  /** Returns the values shared by all actions of the session. */
  surroundings(): Omit<ActionSurroundings, 'group' | 'environment'> {
    const { directory, owner, redactor } = this
    const filesDirectory = join(directory, `embedded_files-${++this.#actions}`)
    return { directory, owner, redactor, filesDirectory, pathMappingFile: this.#pathMappingFile }
  }

  /** Returns the environment of an action: the given layers above the base environment of the user. */
  environment(...layers: readonly VariableLayer[]): Record<string, string> {
    return mergeLayers(baseEnvironment(this.owner), { OPENJD_SESSION_WORKING_DIR: this.directory }, ...layers)
  }

  /**
   * Returns the plan with its functions called. If a function throws, returns the plan unchanged: running the plan then
   * reports the error.
   */
  settle(plan: ActionPlan, ports?: Endpoints): ActionPlan {
    try {
      return settlePlan(plan, { ...this.surroundings(), ports })
    } catch {
      return plan
    }
  }

  /**
   * Records an exit, so that the guardian runs the exit if this process dies first. Returns a function that removes the
   * record, called after the exit has run.
   */
  arm(plan: ActionPlan, ...layers: readonly VariableLayer[]): () => void {
    const { directory: sessionDirectory, owner } = this
    if (!isSettled(plan)) return () => {}
    return recordExit(this.#run, plan, { environment: this.environment(...layers), sessionDirectory, owner })
  }

  /** Removes the directory, unless `keepsDirectory` is set. Processes inside are ended by the groups. */
  async close(): Promise<void> {
    await this.#remove()
  }
}

/** Returns a directory in which directories of the user can be made. */
function placeFor(owner: Account | undefined): string {
  const temporary = realpathSync(temporaryDirectory())
  if (!owner) return temporary
  const identity = { kind: 'other-user', prefix: [], user: owner } as const
  if (owner.via === 'root') return reachableDirectory(temporary, identity)
  // The sudo user makes the directory, in a place open to every user.
  return [temporary, ...openDirectories].find((path) => canReach(path, identity)) ?? temporary
}

/** Returns the caller's directory. Refuses a directory that the user of the actions cannot enter. */
function rootFor(rootDirectory: string, owner: Account | undefined): string {
  const isUsable = statSync(rootDirectory, { throwIfNoEntry: false })?.isDirectory()
  if (!isUsable) throw new ConfigError(`rootDirectory: expected a directory that exists, but got "${rootDirectory}"`)
  const root = realpathSync(rootDirectory)
  if (!owner || canReach(root, { kind: 'other-user', prefix: [], user: owner })) return root
  throw new PermissionError(`rootDirectory: user "${owner.name}" cannot enter "${root}"; choose one that it can enter`)
}

function keep(path: string, owner: Account | undefined): () => Promise<void> {
  makeOwnedDirectory(path, owner)
  return async () => {}
}

async function makeWorkspaceDirectory(
  run: Run,
  path: string,
  owner: Account | undefined,
): Promise<() => Promise<void>> {
  const { release } = await run.createDirectory(path, directoryMode, otherUser(owner))
  giveDirectory(path, owner)
  return release
}
