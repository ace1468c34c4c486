import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../kernel/errors.ts'
import { isEnding } from '../process/ending.ts'
import { identify } from '../process/identity.ts'
import type { Declared } from './existing.ts'
import type { Instance } from './instance.ts'

/** Where an instance keeps what other processes may read. */
export interface InstanceFiles {
  readonly controlPid: number
  readonly pidFile: string
  readonly configFile: string
  readonly logFile: string
}

/** A slice has a config and a holder of its own; pid and log are those of the running instance, as its variables tell. */
export function filesOf({ directory, logFile }: Instance, declared: Partial<Declared> = {}): InstanceFiles {
  return {
    controlPid: process.pid,
    configFile: join(directory, 'config.json'),
    pidFile: declared.pidFile ?? join(directory, 'service.pid'),
    logFile: declared.logFile ?? logFile,
  }
}

const mode = 0o600

/** Writes what other processes may read, for this user alone. */
export function writeFiles({ configFile, pidFile }: InstanceFiles, config: object, pid: number | undefined): void {
  writeFileSync(configFile, `${JSON.stringify(config, null, 2)}\n`, { mode })
  if (pid !== undefined) writePid(pidFile, pid)
}

/** Records the main process, which is another one after each restart. */
export function writePid(pidFile: string, pid: number): void {
  writeFileSync(pidFile, `${pid}\n`, { mode })
}

/** How the main process of a running instance has ended, of which only the pid is known; `undefined` while it lives. */
export function declaredEnd({ pidFile }: Pick<InstanceFiles, 'pidFile'>): string | undefined {
  const pid = declaredPid({ pidFile })
  return pid === undefined || (identify(pid) && !isEnding(pid)) ? undefined : `its process ${pid} ended`
}

/** The main process of an instance, whoever holds it. */
export function declaredPid({ pidFile }: Pick<InstanceFiles, 'pidFile'>): number | undefined {
  try {
    return Number.parseInt(readFileSync(pidFile, 'utf8'), 10) || undefined
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT', 'EACCES')) return undefined
    throw thrown
  }
}
