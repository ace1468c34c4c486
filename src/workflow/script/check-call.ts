import { ConfigError } from '../../kernel/errors.ts'
import { typeName } from '../../yaml/dictionary.ts'

/** Checks the command of `context.run`. @throws ERR_CONFIG */
export function checkCommand(command: unknown): void {
  const words = Array.isArray(command) && command.length > 0 ? command : [command]
  if (words.every((word) => typeof word === 'string' && !word.includes('\0'))) return
  throw new ConfigError(`context.run: expected a text or a list of texts, without NUL, but got ${typeName(command)}`)
}

/** Checks the path of `context.config`. @throws ERR_CONFIG */
export function checkPath(path: unknown): void {
  if (typeof path === 'string' && path !== '') return
  throw new ConfigError(`context.config: expected a path such as "a.b", but got ${path === '' ? '""' : typeName(path)}`)
}

/** Checks the names of `context.services`. @throws ERR_CONFIG */
export function checkServiceNames(names: unknown): void {
  if (Array.isArray(names)) return
  throw new ConfigError(`context.services: expected a list of names, but got ${typeName(names)}`)
}
