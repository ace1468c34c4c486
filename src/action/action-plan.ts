import type { Redactor } from '../kernel/redactor.ts'
import type { ActionGroup } from './action-group.ts'
import type { ActionState } from './action-state.ts'
import type { Cancelation } from './cancelation.ts'
import type { EmbeddedFile } from './embedded-files.ts'
import type { ActionMessage, LogLevel } from './output/message.ts'
import type { Account } from './user/account.ts'

/** State of an action, as far as known. Each change is an event. */
export interface ActionStatus {
  readonly state: ActionState
  /** Percentage, as last reported by the action. */
  readonly progress?: number
  readonly statusMessage?: string
  /** Reason of the failure, as reported by the action or known to us. */
  readonly failMessage?: string
  /** 128 + n when signal n ended the process; absent when the action never began. */
  readonly exitCode?: number
  readonly signal?: NodeJS.Signals
  /** Why the action could not begin. */
  readonly error?: Error
}

export type ActionEvent =
  | { readonly kind: 'status'; readonly status: ActionStatus }
  | { readonly kind: 'message'; readonly message: ActionMessage }

/** Addresses and number of one port of a service. */
export interface Endpoint {
  readonly port: number
  /** Address on which the server listens. */
  readonly bindAddress: string
  /** Address for clients of the server. */
  readonly connectAddress: string
}

/** The ports of a service, by name. */
export type Endpoints = Readonly<Record<string, Endpoint>>

/** Input for a function that composes a command. */
export interface ActionContext {
  /** The paths of the embedded files. */
  readonly files: Readonly<Record<string, string>>
  /** The session's working directory. The action also starts in this directory, unless the plan names a directory. */
  readonly directory: string
  /** Path of a file with the path mapping rules as `pathmapping-1.0`, an empty object when the session has no rules. */
  readonly pathMappingFile: string
  /** The ports of a script; empty for actions without a script. */
  readonly ports: Readonly<Record<string, Endpoint>>
}

export type Argv = readonly [string, ...string[]]

/** Command of an action with its options, in the form shared by sessions, environments and scripts. */
export interface ActionPlan {
  /** The program and its arguments; no shell is involved. A function is called once. */
  readonly command: Argv | ((context: ActionContext) => Argv)
  /** The program's working directory. Default: the session's. */
  readonly directory?: string | undefined
  /** Files written before the action starts, for this action alone. */
  readonly embeddedFiles?: Readonly<Record<string, EmbeddedFile>> | undefined
  /**
   * Time in milliseconds after which the action is canceled; `Infinity` for no limit. Default: no limit, but 300,000 ms
   * for the exit of an environment.
   */
  readonly timeoutMs?: number | undefined
  /** How a cancel ends the action. Default: `terminate`. */
  readonly cancelation?: Cancelation | undefined
}

/** Input of an action from its session, besides the plan. */
export interface ActionSurroundings {
  readonly group: ActionGroup
  /** The complete environment: no variable of this process is added. */
  readonly environment: Readonly<Record<string, string>>
  /** The session's working directory. */
  readonly directory: string
  /** Directory for the embedded files; does not exist yet. */
  readonly filesDirectory: string
  readonly pathMappingFile: string
  readonly redactor: Redactor
  readonly owner?: Account | undefined
  readonly defaultGraceMs?: number | undefined
  /** The ports of a script. Default: none. */
  readonly ports?: Endpoints | undefined
  /** Whether the action runs beside others. While a background action runs, this process may exit. Default: false. */
  readonly inBackground?: boolean | undefined
  /** Effect of a malformed message: fails the action, or writes a note. Default: `fail`. */
  readonly onMalformed?: 'fail' | 'note' | undefined
  /**
   * Whether the action uses the terminal, process group and streams of this process. Its output is not read then: no
   * messages, no lines. Default: false.
   */
  readonly inTerminal?: boolean | undefined
  readonly onEvent?: ((event: ActionEvent) => void) | undefined
  /** Called with whole lines of output, secrets replaced. */
  readonly onLines?: ((lines: Buffer) => void) | undefined
  /** Called with our own notes for the log, secrets replaced. */
  readonly onNote?: ((level: LogLevel, text: string) => void) | undefined
}
