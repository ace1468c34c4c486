import { readFileSync, statSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { asError } from '../kernel/errors.ts'
import { parseJson } from '../kernel/parse-json.ts'
import { secretsIn } from '../kernel/secrets.ts'
import { readProcFile } from '../process/inspect/proc-file.ts'
import type { ExternalService } from '../service/external-service.ts'
import { logSince } from '../service/instance/log-excerpt.ts'
import { serviceVariables } from '../service/instance/variables.ts'
import { type CasePlan, demand } from './case-plan.ts'
import { type Ground, label } from './ground.ts'
import { processesOf } from './leftovers.ts'

type Service = ExternalService<object>
const othersMode = 0o077

/** Cases about the config, its variables and files. */
export const configCases: readonly CasePlan[] = [
  {
    name: 'variables and config file agree with the config, for this user alone',
    needs: [],
    async prove(ground) {
      const service = await ground.started()
      const { serviceConfig, variables, files } = service
      const inFile = parseJson(readFileSync(files.configFile, 'utf8'))
      demand(isDeepStrictEqual(inFile, plain(serviceConfig)), `${files.configFile} differs from "serviceConfig"`)
      const expected = serviceVariables('LP', label, serviceConfig, files)
      demand(isDeepStrictEqual(variables, expected), `the variables differ from "serviceConfig": ${names(variables)}`)
      if (service.pid !== undefined) demandPid(service)
      demandPrivate(service)
    },
  },
  {
    name: 'secrets are in no error, no shown log, and no arguments',
    needs: [],
    async prove(ground) {
      const service = await ground.started()
      const secrets = secretsIn(service.serviceConfig)
      const demandNone = (where: string, text: string): void =>
        demand(!secrets.some((secret) => text.includes(secret)), `a secret of the config is in ${where}`)
      for (const { pid } of processesOf(ground.place.stateDirectory))
        demandNone(`the arguments of process ${pid}`, readProcFile(`/proc/${pid}/cmdline`) ?? '')
      demandNone('the log that the service shows', logSince(service))
      for (const [where, error] of await errorsOf(ground, service)) demandNone(where, textOf(error))
    },
  },
]

/** Returns errors of a service without an answer, by origin. */
async function errorsOf(ground: Ground, service: Service): Promise<(readonly [string, Error])[]> {
  const { variables, pid } = service
  if (pid === undefined) return []
  process.kill(pid, 'SIGKILL')
  const failures = [
    ['the error of "check"', service.check()],
    ['the error of "reset"', service.reset()],
    ['the error of a set-up that attaches', ground.attached(variables)],
  ] as const
  return Promise.all(failures.map(async ([where, failing]) => [where, await failureOf(where, failing)] as const))
}

async function failureOf(where: string, failing: Promise<unknown>): Promise<Error> {
  const error = await failing.then(() => undefined, asError)
  if (error) return error
  throw new Error(`${where} is missing though the process is dead`)
}

function textOf(error: Error): string {
  return error.message + (error.cause instanceof Error ? textOf(error.cause) : '')
}

function demandPid({ pid, files }: Service): void {
  demand(readFileSync(files.pidFile, 'utf8').trim() === String(pid), `${files.pidFile} does not hold the pid ${pid}`)
}

function demandPrivate({ pid, files }: Service): void {
  const { configFile, logFile, pidFile } = files
  for (const path of pid === undefined ? [configFile] : [configFile, logFile, pidFile]) {
    const mode = statSync(path).mode & 0o777
    demand((mode & othersMode) === 0, `${path} has the mode ${mode.toString(8)}`)
  }
}

/** Returns a config after a passage through JSON. */
function plain(config: object): unknown {
  return parseJson(JSON.stringify(config))
}

function names(variables: object): string {
  return Object.keys(variables).join(', ')
}
