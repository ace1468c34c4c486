import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { importModule } from '../host/import-module.ts'
import { Deadline } from '../kernel/deadline.ts'
import { asError, ConfigError, hasCode } from '../kernel/errors.ts'
import { Redactor } from '../kernel/redactor.ts'
import { secretsIn } from '../kernel/secrets.ts'
import type { Resource } from './journal.ts'

export type ModuleResource = Extract<Resource, { kind: 'reclaim' }>

/** Extra time, after the limit, for a module to finish. */
const endingMs = 500

interface ReclaimModule {
  reclaim(data: unknown, limitMs: number): Promise<void>
}

/**
 * Checks the module before the run makes a resource for which the module is needed.
 *
 * @throws ERR_CONFIG if there is no such file
 */
export function requireReclaimModule({ module }: ModuleResource): void {
  if (URL.canParse(module) && module.startsWith('file:') && existsSync(fileURLToPath(module))) return
  throw new ConfigError(
    `there is no module ${pathOf(module)} that removes the resource: write one that exports reclaim(data, limitMs), and give its URL: new URL('./reclaim.ts', import.meta.url).href`,
  )
}

/** Lets the module remove its resource. If the server is gone, the resource is gone with the server. */
export async function reclaimByModule({ module, data }: ModuleResource, limitMs: number): Promise<void> {
  try {
    // A module should end by itself after `limitMs`; otherwise we stop waiting a little later.
    await new Deadline('reclaiming it', limitMs + endingMs).race(async () => {
      const { reclaim } = exportsOf(await importModule(module))
      await reclaim(data, limitMs)
    })
  } catch (thrown) {
    if (!isServerGone(thrown)) throw new Error(redactorFor(data).apply(asError(thrown).message), { cause: thrown })
  }
}

/** Describes the resource for people. The data stays hidden: it may hold a password. */
export function describeReclaim({ label, module }: ModuleResource): string {
  return label ?? `what ${pathOf(module)} removes`
}

/** Returns the exports. If a TypeScript module was compiled to CommonJS, they are properties of the default export. */
function exportsOf(module: unknown): ReclaimModule {
  const { default: inner, ...own } = module as Partial<ReclaimModule> & { readonly default?: ReclaimModule }
  return 'reclaim' in own ? (own as ReclaimModule) : (inner as ReclaimModule)
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
