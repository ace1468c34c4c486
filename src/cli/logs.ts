import { closest } from 'fastest-levenshtein'
import { requireHolder } from '../helper/find-holder.ts'
import type { HeldService } from '../helper/holder-record.ts'
import { sleep } from '../kernel/deadline.ts'
import { UsageError } from '../kernel/errors.ts'
import { Redactor } from '../kernel/redactor.ts'
import { isAlive } from '../process/identity.ts'
import { secretsIn } from '../service/secrets.ts'
import { exitCodes } from './exit-codes.ts'
import { LogReader } from './log-reader.ts'
import type { GlobalOptions } from './options.ts'
import { holderQuery } from './project.ts'

interface LogsOptions extends GlobalOptions {
  readonly follow?: boolean
}

const followMs = 100

/** Prints the log of one service, or of all, each line with the service's name. */
export async function logs(name: string | undefined, options: LogsOptions): Promise<number> {
  const holder = requireHolder(holderQuery(options))
  const services = choose(holder.services, name)
  const readers = services.map((service) => new LogReader(service.logFile))
  const redactor = new Redactor(secretsIn(holder.variables))
  const head = (index: number): string => (services.length > 1 ? `${services[index]?.name} | ` : '')
  const printNew = (): void => {
    for (const [index, reader] of readers.entries())
      for (const line of reader.newLines()) process.stdout.write(redactor.apply(`${head(index)}${line}`))
  }
  printNew()
  while (options.follow && isAlive(holder.identity) && process.stdout.writable) {
    await sleep(followMs)
    printNew()
  }
  for (const [index, reader] of readers.entries())
    if (reader.rest) process.stdout.write(redactor.apply(`${head(index)}${reader.rest}\n`))
  return exitCodes.done
}

function choose(services: readonly HeldService[], name: string | undefined): readonly HeldService[] {
  if (name === undefined) return services
  const found = services.filter((service) => service.name === name)
  if (found.length > 0) return found
  const names = services.map((service) => service.name)
  throw new UsageError(
    `unknown service "${name}" (did you mean "${closest(name, names)}"?); running are ${names.join(', ')}`,
  )
}
