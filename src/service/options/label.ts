import { ConfigError } from '../../kernel/errors.ts'

const labelForm = /^[A-Z][A-Z0-9_]*$/

/** Converts a name of the config to `UPPER_SNAKE`: `db` to `DB`, `mainDb` and `main-db` to `MAIN_DB`. */
export function upperSnake(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toUpperCase()
}

/** The inverse, for keys: `DATA_DIRECTORY` to `dataDirectory`. */
export function camelCase(name: string): string {
  return name.toLowerCase().replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** @throws ERR_CONFIG for an invalid label */
export function checkLabel(label: string, path: string): string {
  if (labelForm.test(label)) return label
  throw new ConfigError(`${path}: "${label}" is no label: expected capitals, digits and "_", such as MAIN_DB`)
}

/** Derives a label from a service's name. @throws ERR_CONFIG when the name cannot be part of a variable's name */
export function labelOf(name: string, path = `services.${name}`): string {
  const label = upperSnake(name)
  if (labelForm.test(label)) return label
  throw new ConfigError(`${path}: "${name}" cannot name a service: expected a letter, then letters, digits, "-" or "_"`)
}
