import { hasCode } from '../../kernel/errors.ts'
import { lazyByKey } from '../../kernel/lazy.ts'

/**
 * Codes with which Node refuses a TypeScript module before running any code of the module. Node 20 refuses every
 * TypeScript module, later versions only modules that they cannot compile.
 */
const refusals = [
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
  'ERR_MODULE_NOT_FOUND',
] as const

/** Imports a module by its URL. `tsx` compiles a TypeScript module only if Node refuses the module. */
export const importModule = lazyByKey(async (url): Promise<unknown> => {
  try {
    return await import(url)
  } catch (thrown) {
    if (!/\.[cm]?tsx?$/.test(url) || !hasCode(thrown, ...refusals)) throw thrown
    const { tsImport } = await import('tsx/esm/api')
    return tsImport(url, import.meta.url)
  }
})
