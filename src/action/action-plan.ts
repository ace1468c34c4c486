import type { Account } from './account.ts'
import type { ActionScope } from './action-scope.ts'
import type { ActionState } from './action-state.ts'
import type { Cancelation } from './cancelation.ts'
import type { EmbeddedFiles, FilePaths } from './embedded-files.ts'
import type { ActionMessage, LogLevel } from './message.ts'
import type { Redactions } from './redactions.ts'

/** What is known of an action; each change is an event. */
export interface ActionStatus {
  readonly state: ActionState
  /** In percent, as it said itself. */
  readonly progress?: number
  readonly statusMessage?: string
  /** What it said of its failure, or what we know of it. */
  readonly failMessage?: string
  /** 128 + n when signal n ended it; absent when it never began. */
  readonly exitCode?: number
  readonly signal?: NodeJS.Signals
  /** Why it could not begin. */
  readonly error?: Error
}

export type ActionEvent =
  | { readonly kind: 'status'; readonly status: ActionStatus }
  | { readonly kind: 'message'; readonly message: ActionMessage }

/** Where a port of a service is. */
export interface Endpoint {
  readonly port: number
  /** Address on which the server listens. */
  readonly bindAddress: string
  /** Address under which clients reach it. */
  readonly connectAddress: string
}

/** The ports of a service, by name. */
export type Endpoints = Readonly<Record<string, Endpoint>>

/** What a command may be made of. */
export interface ActionContext {
  /** The paths of the embedded files. */
  readonly files: FilePaths
  /** The session's working directory, which is the present one as well. */
  readonly directory: string
  /** The path mapping rules as `pathmapping-1.0`; an empty object when there are none. */
  readonly pathMappingFile: string
  /** The ports of a script; of other actions there are none. */
  readonly ports: Endpoints
}

export type Argv = readonly [string, ...string[]]

/** What to run: the same words in sessions, environments and scripts. */
export interface ActionPlan {
  /** The program and its arguments; no shell is involved. A function is called once. */
  readonly command: Argv | ((context: ActionContext) => Argv)
  /** The program's working directory. Default: the session's. */
  readonly directory?: string | undefined
  /** Written before it starts, for this action alone. */
  readonly embeddedFiles?: EmbeddedFiles | undefined
  /** Time after which it is canceled; `Infinity` for none. Default: none; 300,000 ms for the exit of an environment. */
  readonly timeoutMs?: number | undefined
  /** Default: `terminate`. */
  readonly cancelation?: Cancelation | undefined
}

/** Where and among what it runs. */
export interface ActionSurroundings {
  readonly scope: ActionScope
  /** All of it: nothing of this process's own is added. */
  readonly environment: Readonly<Record<string, string>>
  /** The session's. */
  readonly directory: string
  /** For the embedded files; it does not exist yet. */
  readonly filesDirectory: string
  readonly pathMappingFile: string
  readonly redactions: Redactions
  readonly owner?: Account | undefined
  readonly defaultGraceMs?: number | undefined
  /** Default: none. */
  readonly ports?: Endpoints | undefined
  /** Runs beside others: while it runs, it does not keep this process alive. Default: false. */
  readonly inBackground?: boolean | undefined
  /** What a malformed message does. Default: it fails the action. */
  readonly onMalformed?: 'fail' | 'note' | undefined
  /** In this process's terminal and group, with its own streams; then there are neither messages nor lines. */
  readonly inTerminal?: boolean | undefined
  readonly onEvent?: ((event: ActionEvent) => void) | undefined
  /** Whole lines of output, with secrets replaced. */
  readonly onLines?: ((lines: Buffer) => void) | undefined
  /** What we say ourselves, for the log; secrets replaced. */
  readonly onNote?: ((level: LogLevel, text: string) => void) | undefined
}
