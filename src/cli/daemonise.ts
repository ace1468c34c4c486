import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { type HelperMessage, readHandshake } from '../helper/handshake.ts'
import { holderClaim } from '../helper/holder-record.ts'
import type { HelperRequest } from '../helper/request.ts'
import { packageProgram } from '../host/package-program.ts'
import { TestServicesError } from '../kernel/errors.ts'
import { LogFile } from '../process/log-file.ts'
import { type Format, printVariables } from '../shell/format.ts'
import { createDisplay, type Display } from './display.ts'
import { exitCodes } from './exit-codes.ts'
import { chosenFormat, chosenTimeoutMs, type GlobalOptions } from './options.ts'
import { holderQuery, stackRequest } from './project.ts'

/** Starts a helper, waits until everything is ready, prints the variables, and returns. */
export async function daemonise(names: readonly string[], options: GlobalOptions): Promise<number> {
  const format = chosenFormat(options)
  const request: HelperRequest = {
    ...stackRequest(names, options),
    names,
    name: options.name,
    timeoutMs: chosenTimeoutMs(options),
  }
  const { stateDirectory, project } = holderQuery(options)
  const log = join(stateDirectory, 'helpers', `${holderClaim(project, options.name)}.log`)
  const display = await createDisplay(options)
  try {
    return await follow(startHelper(request, log), { display, format, log })
  } finally {
    display.end()
  }
}

/** In a session of its own, with no descriptor of ours but the handshake, so that `$(…)` returns. */
function startHelper(request: HelperRequest, logPath: string): Readable {
  mkdirSync(dirname(logPath), { recursive: true, mode: 0o700 })
  const log = openSync(logPath, 'w', 0o600)
  const [program = '', ...argv] = packageProgram('helper')
  const helper = spawn(program, [...argv, JSON.stringify(request)], {
    detached: true,
    stdio: ['ignore', log, log, 'pipe'],
  })
  closeSync(log)
  helper.unref()
  return helper.stdio[3] as Readable
}

async function follow(
  messages: Readable,
  { display, format, log }: { display: Display; format: Format; log: string },
): Promise<number> {
  for await (const message of readHandshake(messages)) {
    if (message.kind === 'event') display.onEvent(message.event)
    if (message.kind === 'failed') throw failureOf(message)
    if (message.kind === 'ready') {
      process.stdout.write(printVariables(message.variables, format))
      return exitCodes.done
    }
  }
  const tail = new LogFile(log).tail()
  throw new TestServicesError(
    'ERR_START',
    `the helper ended before anything was ready; its log ${log} ends with:\n${tail}`,
  )
}

function failureOf({ message, code }: Extract<HelperMessage, { kind: 'failed' }>): Error {
  return code ? new TestServicesError(code, message) : new Error(message)
}
