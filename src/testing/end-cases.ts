import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { namesIn } from '../host/files/names-in.ts'
import { Deadline } from '../kernel/deadline.ts'
import { asError, hasCode } from '../kernel/errors.ts'
import { poll } from '../kernel/poll.ts'
import { identify, isAlive } from '../process/inspect/identity.ts'
import { readJournal } from '../run/journal.ts'
import { runPaths } from '../run/run-paths.ts'
import { CaseDirectory } from './case-directory.ts'
import { type CasePlan, demand } from './case-plan.ts'
import type { Ground } from './ground.ts'
import { guaranteedMs, untilEmpty } from './leftovers.ts'

const oddName = "it's a place"

/** Cases about deaths, cancelations and hostile surroundings. */
export const endCases: readonly CasePlan[] = [
  {
    name: 'a death is reported with its exit and the end of the log',
    needs: ['hasProcess'],
    async prove(ground) {
      const service = await ground.started()
      demand(service.pid !== undefined, 'the service has no pid: say "hasProcess: false" if that is right')
      // Read before the kill: processes of the service may write while ending.
      const lastLine = service.redact(service.log.tail(1)).trim()
      process.kill(service.pid ?? 0, 'SIGKILL')
      for (const ask of ['check', 'reset'] as const) {
        const error = await service[ask]().then(() => undefined, asError)
        const isReported = hasCode(error, 'ERR_SERVICE_DIED') && /signal SIGKILL/.test(error?.message ?? '')
        demand(isReported, `"${ask}" of a killed service: ${error?.message ?? 'no error'}`)
        demand(
          Boolean(error?.message.includes(lastLine)),
          `the error of "${ask}" lacks the end of the log: ${lastLine}`,
        )
      }
    },
  },
  {
    name: 'a start that is canceled leaves nothing',
    needs: [],
    async prove(ground) {
      for (const isTime of [hasInstance, hasProcess]) await proveCancelation(ground, isTime)
    },
  },
  {
    name: 'an instance runs without HOME, below paths with a space and a quote',
    needs: ['module'],
    async prove(ground) {
      const place = new CaseDirectory(oddName)
      try {
        const directory = join(place.directory, "it's a project")
        symlinkSync(ground.directory, directory)
        const { HOME, XDG_STATE_HOME, XDG_CACHE_HOME, ...environment } = process.env
        const held = await ground.held({ ...environment, ...place.environment }, { directory })
        await held.end()
        await untilEmpty(place.looks)
      } finally {
        place.remove()
      }
    },
  },
  {
    name: 'a killed holder leaves nothing',
    needs: ['module'],
    async prove(ground) {
      const held = await ground.held(process.env)
      const main = held.report.pid === undefined ? undefined : identify(held.report.pid)
      await held.kill()
      const mainLeft = (): string[] => (main && isAlive(main) ? [`process ${main.pid}, the service itself`] : [])
      await untilEmpty([mainLeft, ...ground.place.looks])
    },
  },
]

/** Cancels a start once a condition holds. A start quicker than the condition is cleaned up. */
async function proveCancelation(ground: Ground, isTime: (ground: Ground) => boolean): Promise<void> {
  const canceled = new AbortController()
  const service = ground.create()
  let result: unknown
  const { timeoutMs } = ground
  const starting = service.setUp({ signal: canceled.signal, timeoutMs }).then(
    () => 'up',
    (thrown) => asError(thrown),
  )
  void starting.then((settled) => {
    result = settled
  })
  const deadline = new Deadline('the begin of the start', timeoutMs)
  await poll({ firstMs: 1, deadline }, () => (result !== undefined || isTime(ground) ? true : undefined))
  canceled.abort()
  const limit = new Deadline('the end of a start that was canceled', guaranteedMs)
  const settled = await limit.race(() => starting)
  if (settled === 'up') await service.cleanUp()
  else demand(hasCode(settled, 'ERR_CANCELED'), `a canceled start fails otherwise: ${asError(settled).message}`)
  await ground.untilNothingLeft()
}

/** Whether the directory of an instance exists. */
function hasInstance(ground: Ground): boolean {
  return runsOf(ground).some((run) => namesIn(run).some((name) => name.startsWith('contract-')))
}

/** Whether a process is on record. */
function hasProcess(ground: Ground): boolean {
  const resources = runsOf(ground).flatMap((run) => readJournal(runPaths.journal(run)))
  return resources.some(({ kind }) => kind === 'process')
}

function runsOf({ place }: Ground): string[] {
  const runs = runPaths.runs(place.stateDirectory)
  return namesIn(runs).map((id) => join(runs, id))
}
