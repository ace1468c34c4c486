import { existsSync } from 'node:fs'
import { asError, ConfigError, hasCode } from '../kernel/errors.ts'
import { type Config, checkConfig } from './define-config.ts'

/**
 * The config of a file, by whatever loads modules here.
 *
 * @param importDefault gives what the file exports by default
 * @throws ERR_CONFIG naming the file and what is wrong in it
 */
export async function readConfig(path: string, importDefault: (path: string) => Promise<unknown>): Promise<Config> {
  if (!existsSync(path)) throw new ConfigError(`there is no config file ${path}`)
  try {
    const exported = await importDefault(path)
    if (exported !== undefined) return checkConfig(exported, path)
  } catch (thrown) {
    throw inFile(path, thrown)
  }
  throw new ConfigError(
    `the config file ${path} exports no config: write "export default defineConfig({ services: { … } })"`,
  )
}

/** The code, not the class: the file may have another copy of this package. */
function inFile(path: string, thrown: unknown): ConfigError {
  const { message } = asError(thrown)
  const isMistake = hasCode(thrown, 'ERR_CONFIG', 'ERR_CYCLE')
  const told = isMistake ? `${path}: ${message}` : `the config file ${path} cannot be loaded: ${message}`
  return new ConfigError(isMistake && message.startsWith(path) ? message : told, { cause: thrown })
}
