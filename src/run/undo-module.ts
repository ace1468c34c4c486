import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { importModule } from '../host/import-module.ts'
import { Deadline } from '../kernel/deadline.ts'
import { asError, ConfigError, hasCode } from '../kernel/errors.ts'
import { Redactor } from '../kernel/redactor.ts'
import { secretsIn } from '../kernel/secrets.ts'
import type { Resource } from './journal.ts'

export type ByModule = Extract<Resource, { kind: 'undo' }>

/** Extra time, after the limit, for a module to finish. */
const endingMs = 500

interface UndoModule {
  undo(data: unknown, limitMs: number): Promise<void>
}

/**
 * Checks the module before the run makes a resource for which the module is needed.
 *
 * @throws ERR_CONFIG if there is no such file
 */
export function requireUndoModule({ module }: ByModule): void {
  if (URL.canParse(module) && module.startsWith('file:') && existsSync(fileURLToPath(module))) return
  throw new ConfigError(
    `there is no module ${pathOf(module)} to undo what is about to be made: write one that exports undo(data, limitMs), and give its URL: new URL('./undo.ts', import.meta.url).href`,
  )
}

/** Lets the module remove its resource. If the server is gone, the resource is gone with the server. */
export async function undoByModule({ module, data }: ByModule, limitMs: number): Promise<void> {
  try {
    // A module should end by itself after `limitMs`; otherwise we stop waiting a little later.
    await new Deadline('undoing it', limitMs + endingMs).race(async () => {
      const { undo } = exportsOf(await importModule(module))
      await undo(data, limitMs)
    })
  } catch (thrown) {
    if (!isServerGone(thrown)) throw new Error(redactorFor(data).apply(asError(thrown).message), { cause: thrown })
  }
}

/** Describes the resource for people. The data stays hidden: it may hold a password. */
export function describeUndo({ label, module }: ByModule): string {
  return label ?? `what ${pathOf(module)} removes`
}

/** Returns the exports. If a TypeScript module was compiled to CommonJS, they are properties of the default export. */
function exportsOf(module: unknown): UndoModule {
  const { default: inner, ...own } = module as Partial<UndoModule> & { readonly default?: UndoModule }
  return 'undo' in own ? (own as UndoModule) : (inner as UndoModule)
}

/** Whether nobody listens any more at the port or the socket of the server. */
function isServerGone(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false
  const isNoSocket = hasCode(thrown, 'ENOENT') && (thrown as NodeJS.ErrnoException).syscall === 'connect'
  return isNoSocket || hasCode(thrown, 'ECONNREFUSED') || isServerGone(thrown.cause)
}

function redactorFor(data: unknown): Redactor {
  return new Redactor(secretsIn(...recordsIn(data)))
}

/** Returns the data, if it is an object, and every object inside. */
function recordsIn(data: unknown): object[] {
  if (typeof data !== 'object' || data === null) return []
  return [data, ...Object.values(data).flatMap(recordsIn)]
}

function pathOf(module: string): string {
  return module.startsWith('file:') ? fileURLToPath(module) : module
}
