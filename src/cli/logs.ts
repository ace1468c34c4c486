import { requireHolder } from '../helper/find-holder.ts'
import type { HeldService } from '../helper/holder-record.ts'
import { sleep } from '../kernel/deadline.ts'
import { UsageError } from '../kernel/errors.ts'
import { isAlive } from '../process/identity.ts'
import { LogFile } from '../process/log-file.ts'
import { exitCodes } from './exit-codes.ts'
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
  const printers = services.map((service) => createPrinter(service, services.length > 1))
  for (const print of printers) print()
  while (options.follow && isAlive(holder.identity)) {
    await sleep(followMs)
    for (const print of printers) print()
  }
  return exitCodes.done
}

function choose(services: readonly HeldService[], name: string | undefined): readonly HeldService[] {
  if (name === undefined) return services
  const found = services.filter((service) => service.name === name)
  if (found.length > 0) return found
  throw new UsageError(`unknown service "${name}"; running are ${services.map((service) => service.name).join(', ')}`)
}

/** Prints what was written since the last call. */
function createPrinter({ name, logFile }: HeldService, withName: boolean): () => void {
  const log = new LogFile(logFile)
  let mark = 0
  return () => {
    for (const chunk of log.chunksFrom(mark)) {
      mark += chunk.length
      process.stdout.write(withName ? chunk.toString().replaceAll(/^(?=.)/gm, `${name} | `) : chunk)
    }
  }
}
