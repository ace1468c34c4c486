import { requireHolder } from '../../helper/find-holder.ts'
import { sleep } from '../../kernel/deadline.ts'
import { Redactor } from '../../kernel/redactor.ts'
import { secretsIn } from '../../kernel/secrets.ts'
import { isAlive } from '../../process/inspect/identity.ts'
import { exitCodes } from '../terminal/exit-codes.ts'
import type { GlobalOptions } from '../terminal/options.ts'
import { chooseServices } from './choose-services.ts'
import { LogReader } from './log-reader.ts'
import { holderQuery } from './project.ts'

interface LogsOptions extends GlobalOptions {
  readonly follow?: boolean
}

const followMs = 100

/** Prints the log of one service, or of all services with the name of the service on each line. */
export async function logs(name: string | undefined, options: LogsOptions): Promise<number> {
  const holder = requireHolder(holderQuery(options))
  const services = chooseServices(holder, name === undefined ? [] : [name])
  const readers = services.map((service) => new LogReader(service.logFile))
  const redactor = new Redactor(secretsIn(holder.variables))
  const head = (index: number): string => (services.length > 1 ? `${services[index]?.name} | ` : '')
  const printNew = (): void => {
    for (const [index, reader] of readers.entries())
      for (const line of reader.newLines()) process.stdout.write(redactor.apply(`${head(index)}${line}`))
  }
  for (let goesOn = true; goesOn; ) {
    // Asked before the logs are read, so that the last lines of a holder that ends meanwhile are read, too.
    goesOn = options.follow === true && isAlive(holder.identity) && process.stdout.writable
    printNew()
    if (goesOn) await sleep(followMs)
  }
  for (const [index, reader] of readers.entries())
    if (reader.rest) process.stdout.write(redactor.apply(`${head(index)}${reader.rest}\n`))
  return exitCodes.done
}
