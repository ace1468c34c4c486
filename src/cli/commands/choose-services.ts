import type { HeldService, Holder } from '../../helper/holder-record.ts'
import { UsageError } from '../../kernel/errors.ts'
import { didYouMean } from '../../kernel/suggestion.ts'

/**
 * Returns the running services with these names. Default: all.
 *
 * @throws ERR_USAGE for a name that is not up
 */
export function chooseServices({ services, starting }: Holder, names: readonly string[]): readonly HeldService[] {
  const up = services.map(({ name }) => name)
  const unknown = names.find((name) => !up.includes(name))
  if (unknown === undefined) return names.length > 0 ? services.filter(({ name }) => names.includes(name)) : services
  if (starting.includes(unknown)) throw new UsageError(`the service "${unknown}" is still starting`)
  if (up.length === 0) throw new UsageError(`unknown service "${unknown}": none is up yet`)
  throw new UsageError(`unknown service "${unknown}"${didYouMean(unknown, up)}; running are ${up.join(', ')}`)
}
