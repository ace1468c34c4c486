import { realpathSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { reachableDirectory } from '../host/reach.ts'
import { randomName } from '../host/secret.ts'
import type { Run } from '../run/run.ts'
import { type Account, baseEnvironment, findAccount } from './account.ts'
import type { ActionPlan, ActionSurroundings } from './action-plan.ts'
import { ActionScope } from './action-scope.ts'
import { type PathMappingRule, pathMappingJson } from './path-mapping.ts'
import { giveDirectory, makeOwnedDirectory, writePrivateFile } from './private-file.ts'
import { Redactions } from './redactions.ts'
import { recordExit } from './standby-exit.ts'
import { mergeLayers, type VariableLayer } from './variable-changes.ts'

const nameLength = 12

export interface WorkspaceOptions {
  /** As whom actions run. Default: the present user. */
  readonly user?: string | undefined
  /** The directory stays when everything is over. Default: false. */
  readonly keepsDirectory?: boolean | undefined
  readonly pathMappingRules?: readonly PathMappingRule[] | undefined
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
  static async open(run: Run, options: WorkspaceOptions): Promise<Workspace> {
    const owner = findAccount(options.user)
    const rules = pathMappingJson(options.pathMappingRules ?? [])
    const temporary = realpathSync(tmpdir())
    const place = owner ? reachableDirectory(temporary, { kind: 'other-user', prefix: [], ...owner }) : temporary
    const path = join(place, `test-services-session-${randomName(nameLength)}`)
    const remove = options.keepsDirectory ? keep(path, owner) : await make(run, path, owner)
    const workspace = new Workspace(run, { directory: path, owner, remove })
    writePrivateFile(workspace.#pathMappingFile, rules, { owner })
    return workspace
  }

  /** For the actions of one environment, or of one task. */
  createScope(label: string): ActionScope {
    return new ActionScope(this.#run, label)
  }

  /** For what all of them leave behind: whatever else it has lost, it still stands in the directory. */
  createOuterScope(label: string): ActionScope {
    return new ActionScope(this.#run, label, [this.directory])
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

  /** Has the guardian run this exit, should this process die before it does; gives what records that it has been run. */
  standBy(plan: ActionPlan, ...layers: readonly VariableLayer[]): () => void {
    const { directory, owner } = this
    const environment = this.environment(...layers)
    return recordExit(this.#run, plan, { environment, directory, owner, pathMappingFile: this.#pathMappingFile })
  }

  /** Removes the directory, unless it is to be kept. Processes that stand in it are ended by those who know them. */
  async close(): Promise<void> {
    await this.#remove()
  }
}

function keep(path: string, owner: Account | undefined): () => Promise<void> {
  makeOwnedDirectory(path, owner)
  return async () => {}
}

async function make(run: Run, path: string, owner: Account | undefined): Promise<() => Promise<void>> {
  const { release } = await run.createDirectory(path)
  giveDirectory(path, owner)
  return async () => {
    // Its own processes may still be writing for a moment.
    await rm(path, { recursive: true, force: true, maxRetries: 3 })
    await release()
  }
}
