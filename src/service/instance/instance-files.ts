import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { valueUnless } from '../../kernel/value-unless.ts'
import { isEnding } from '../../process/inspect/ending.ts'
import { identify } from '../../process/inspect/identity.ts'
import type { Declared } from './existing.ts'
import type { SetUpContext } from './set-up-context.ts'

/** Files of an instance, readable from outside of the holder's process. */
export interface InstanceFiles {
  readonly controlPid: number
  readonly pidFile: string
  readonly configFile: string
  readonly logFile: string
}

/**
 * Returns the files of an instance. A tenant has a separate config and holder; pid and log belong to the running
 * instance, as declared by variables.
 */
export function filesOf({ directory, logFile }: SetUpContext, declared: Partial<Declared> = {}): InstanceFiles {
  return {
    controlPid: process.pid,
    configFile: join(directory, 'config.json'),
    pidFile: declared.pidFile ?? join(directory, 'service.pid'),
    logFile: declared.logFile ?? logFile,
  }
}

const mode = 0o600

/** Writes the files, readable by the present user alone. */
export function writeFiles({ configFile, pidFile }: InstanceFiles, config: object, pid: number | undefined): void {
  writeFileSync(configFile, `${JSON.stringify(config, null, 2)}\n`, { mode })
  if (pid !== undefined) writePid(pidFile, pid)
}

/** Records the pid of the main process, which changes at each restart. */
export function writePid(pidFile: string, pid: number): void {
  writeFileSync(pidFile, `${pid}\n`, { mode })
}

/** Describes the end of a running instance's main process, known by pid alone; `undefined` while alive. */
export function declaredEnd({ pidFile }: Pick<InstanceFiles, 'pidFile'>): string | undefined {
  const pid = declaredPid({ pidFile })
  return pid === undefined || (identify(pid) && !isEnding(pid)) ? undefined : `its process ${pid} ended`
}

/** Returns the pid of an instance's main process, for any holder. */
export function declaredPid({ pidFile }: Pick<InstanceFiles, 'pidFile'>): number | undefined {
  const text = valueUnless(['ENOENT', 'EACCES'], () => readFileSync(pidFile, 'utf8')) ?? ''
  return Number.parseInt(text, 10) || undefined
}
