import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { importModule } from '../host/import-module.ts'
import { Deadline } from '../kernel/deadline.ts'
import { asError, ConfigError, hasCode } from '../kernel/errors.ts'
import { Redactor } from '../kernel/redactor.ts'
import { secretsIn } from '../kernel/secrets.ts'
import type { Resource } from './journal.ts'

export type ByModule = Extract<Resource, { kind: 'undo' }>

/** For a module to end what it has begun, once its time is over. */
const endingMs = 500

interface UndoModule {
  undo(data: unknown, limitMs: number): Promise<void>
}

/**
 * Checks the module before anything is made that only it can remove.
 *
 * @throws ERR_CONFIG when there is no such file
 */
export function requireUndoModule({ module }: ByModule): void {
  if (URL.canParse(module) && module.startsWith('file:') && existsSync(fileURLToPath(module))) return
  throw new ConfigError(
    `there is no module ${pathOf(module)} to undo what is about to be made: write one that exports undo(data, limitMs), and give its URL: new URL('./undo.ts', import.meta.url).href`,
  )
}

/** Has the module remove what it knows. A server that is gone has taken that with it. */
export async function undoByModule({ module, data }: ByModule, limitMs: number): Promise<void> {
  try {
    // A module that knows its limit keeps it in its own way; the others are not waited for any longer.
    await new Deadline('undoing it', limitMs + endingMs).race(async () => {
      const { undo } = exportsOf(await importModule(module))
      await undo(data, limitMs)
    })
  } catch (thrown) {
    if (!isServerGone(thrown)) throw new Error(redactorFor(data).apply(asError(thrown).message), { cause: thrown })
  }
}

/** For people. The data is for the module alone: it may hold a password. */
export function describeUndo({ label, module }: ByModule): string {
  return label ?? `what ${pathOf(module)} removes`
}

/** Where a module in TypeScript is compiled to CommonJS, its exports are properties of its default. */
function exportsOf(module: unknown): UndoModule {
  const { default: inner, ...own } = module as Partial<UndoModule> & { readonly default?: UndoModule }
  return 'undo' in own ? (own as UndoModule) : (inner as UndoModule)
}

/** Nobody listens where the server was: at its port, or at its socket. */
function isServerGone(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false
  const isNoSocket = hasCode(thrown, 'ENOENT') && (thrown as NodeJS.ErrnoException).syscall === 'connect'
  return isNoSocket || hasCode(thrown, 'ECONNREFUSED') || isServerGone(thrown.cause)
}

function redactorFor(data: unknown): Redactor {
  return new Redactor(secretsIn(...recordsIn(data)))
}

/** The data, if it is an object, and every object in it. */
function recordsIn(data: unknown): object[] {
  if (typeof data !== 'object' || data === null) return []
  return [data, ...Object.values(data).flatMap(recordsIn)]
}

function pathOf(module: string): string {
  return module.startsWith('file:') ? fileURLToPath(module) : module
}
