import { ConfigError } from '../kernel/errors.ts'

/** Known facts of the place where tests run: `{ distro: 'fedora-33', arch: ['x86_64', 'ppc64'] }`. */
export type FmfContext = Readonly<Record<string, string | readonly string[]>>

/**
 * Reads facts for `FmfSearch.context`: `distro=fedora-33`, with several values as `arch=x86_64,ppc64`.
 *
 * @throws ERR_CONFIG for a wrong form
 */
export function parseContext(words: readonly string[]): Record<string, readonly string[]> {
  return Object.fromEntries(
    words.map((word) => {
      const [, dimension = '', values = ''] = /^([\w-]+)=(.+)$/.exec(word) ?? []
      if (values === '') throw new ConfigError(`context "${word}": expected DIMENSION=VALUE, such as distro=fedora-33`)
      return [dimension, values.split(',')]
    }),
  )
}

/** Returns the values of a dimension, or `undefined` for a dimension not defined by the context. */
export function valuesOf(context: FmfContext, dimension: string): readonly string[] | undefined {
  if (!Object.hasOwn(context, dimension)) return undefined
  const values = context[dimension] ?? []
  return typeof values === 'string' ? [values] : values
}
