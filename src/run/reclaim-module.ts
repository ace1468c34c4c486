import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { importModule } from '../host/modules/import-module.ts'
import { Deadline } from '../kernel/deadline.ts'
import { asError, ConfigError, hasCode } from '../kernel/errors.ts'
import { Redactor } from '../kernel/redactor.ts'
import { secretsIn } from '../kernel/secrets.ts'
import type { Resource } from './journal.ts'

export type ModuleResource = Extract<Resource, { kind: 'reclaim' }>

/** Extra time, after the limit, for a module to finish. */
const endingMs = 500
/** Least limit for a module whose import has taken long. */
const leastMs = 100

type Reclaim = (data: unknown, limitMs: number) => Promise<void>
type Exports = { readonly reclaim?: Reclaim }

/**
 * Checks the module before a resource is made for which the module is needed.
 *
 * @throws ERR_CONFIG if there is no such file, or if it does not export `reclaim`
 */
export async function requireReclaimModule({ module }: ModuleResource): Promise<void> {
  if (!(URL.canParse(module) && module.startsWith('file:') && existsSync(fileURLToPath(module))))
    throw new ConfigError(
      `there is no module ${pathOf(module)} that removes the resource: write one that exports reclaim(data, limitMs), and give its URL: new URL('./reclaim.ts', import.meta.url).href`,
    )
  await importReclaim(module)
}

/** Lets the module remove its resource. If the server is gone, the resource is gone with the server. */
export async function reclaimByModule({ module, data }: ModuleResource, limitMs: number): Promise<void> {
  try {
    // A module should end by itself after `limitMs`, its import included; otherwise we stop waiting a little later.
    const deadline = new Deadline('reclaiming it', limitMs + endingMs)
    await deadline.race(async () => {
      const reclaim = await importReclaim(module)
      await reclaim(data, Math.max(leastMs, Math.floor(deadline.remainingMs - endingMs)))
    })
  } catch (thrown) {
    if (!isServerGone(thrown)) throw new Error(redactorFor(data).apply(asError(thrown).message), { cause: thrown })
  }
}

/** Describes the resource for people. The data stays hidden: it may hold a password. */
export function describeReclaim({ label, module }: ModuleResource): string {
  return label ?? `what ${pathOf(module)} removes`
}

/** If a TypeScript module was compiled to CommonJS, its exports are properties of the default export. */
async function importReclaim(module: string): Promise<Reclaim> {
  const { default: inner, ...own } = (await importModule(module)) as Exports & { readonly default?: Exports }
  const reclaim = own.reclaim ?? inner?.reclaim
  if (reclaim) return reclaim
  throw new ConfigError(
    `${pathOf(module)} does not export reclaim(data, limitMs): give the URL of the module that does; of code that is bundled, the URL of a file of its own`,
  )
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
