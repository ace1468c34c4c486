import { existsSync } from 'node:fs'
import { asError, ConfigError, hasCode } from '../kernel/errors.ts'
import { rememberFile } from '../session/environment.ts'
import { type Config, checkConfig } from './define-config.ts'

/**
 * Reads the config of a file. The caller decides how modules are loaded.
 *
 * @param importDefault returns the default export of the file
 * @throws ERR_CONFIG naming the file and the mistake
 */
export async function readConfig(path: string, importDefault: (path: string) => Promise<unknown>): Promise<Config> {
  if (!existsSync(path)) throw new ConfigError(`there is no config file ${path}`)
  try {
    const exported = await importDefault(path)
    if (exported !== undefined) return fromFile(path, checkConfig(exported, path))
  } catch (thrown) {
    throw inFile(path, thrown)
  }
  throw new ConfigError(
    `the config file ${path} exports no config: write "export default defineConfig({ services: { … } })"`,
  )
}

function fromFile(path: string, config: Config): Config {
  if (config.environment) rememberFile(config.environment, path)
  return config
}

/** Adds the file to an error. Compares the code, not the class: the file may import another copy of this package. */
function inFile(path: string, thrown: unknown): ConfigError {
  const { message } = asError(thrown)
  const isMistake = hasCode(thrown, 'ERR_CONFIG', 'ERR_CYCLE')
  const told = isMistake ? `${path}: ${message}` : `the config file ${path} cannot be loaded: ${message}`
  return new ConfigError(isMistake && message.startsWith(path) ? message : told, { cause: thrown })
}
