import { checkCompilable, importFile } from '../../config/import-file.ts'
import { asError, ConfigError } from '../../kernel/errors.ts'
import type { ScriptModule } from './script.ts'

/** Loads the module of a script. @throws ERR_CONFIG naming the file and what was expected */
export async function loadScript(file: string): Promise<ScriptModule> {
  checkCompilable(file)
  return checkScript(await importFile(file).catch((thrown) => notLoaded(file, thrown)), file)
}

function notLoaded(file: string, thrown: unknown): never {
  throw new ConfigError(`the script ${file} cannot be loaded: ${asError(thrown).message}`, { cause: thrown })
}

function checkScript(exports: Readonly<Record<string, unknown>>, file: string): ScriptModule {
  const { default: run, schema, description } = exports
  const wrong = (what: string): ConfigError => new ConfigError(`the script ${file} ${what}`)
  if (typeof run !== 'function')
    throw wrong('exports no function: write "export default async (context, args) => { … }"')
  if (schema !== undefined && !isStandardSchema(schema))
    throw wrong('exports a "schema" that is no Standard Schema: expected one of valibot, zod, arktype or the like')
  if (description !== undefined && typeof description !== 'string')
    throw wrong('exports a "description" that is no text')
  return { default: run, schema, description } as ScriptModule
}

function isStandardSchema(value: unknown): boolean {
  // A schema of arktype is a function.
  const standard = (value as { '~standard'?: { validate?: unknown } } | null)?.['~standard']
  return typeof standard?.validate === 'function'
}
