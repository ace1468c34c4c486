import { dirname, resolve } from 'node:path'
import type { Config } from './define-config.ts'
import { checkCompilable, importFile } from './import-file.ts'
import { readConfig } from './read-config.ts'

/** A config with its place. */
export interface LoadedConfig {
  readonly config: Config
  readonly file: string
  /** Directory from which relative paths of the config start. */
  readonly directory: string
}

/**
 * Loads a config file. Node itself compiles TypeScript if it can; otherwise `tsx` does.
 *
 * @throws ERR_CONFIG naming the file and the mistake; ERR_STATE_DIRECTORY
 */
export async function loadConfig(file: string): Promise<LoadedConfig> {
  const path = resolve(file)
  checkCompilable(path)
  const config = await readConfig(path, async () => (await importFile(path)).default)
  return { config, file: path, directory: dirname(path) }
}
