import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { randomName } from '../../src/host/secret.ts'
import { ownIdentity } from '../../src/process/inspect/identity.ts'
import type { ProcessPlan } from '../../src/process/supervised-process.ts'

/** A plan with marks and a directory of its own below the state directory, for tests without a run. */
export function createPlan(argv: readonly string[], changes: Partial<ProcessPlan> = {}): ProcessPlan {
  const directory = join(process.env.LP_STATE_DIR ?? '', `plan-${randomName(6)}`)
  mkdirSync(directory)
  const mark = randomName(20)
  return {
    argv,
    environment: { PATH: process.env.PATH ?? '', TEST_SERVICES_RUN: mark },
    directory,
    logFile: join(directory, 'service.log'),
    keptLogs: join(directory, 'kept'),
    marks: { variable: `TEST_SERVICES_RUN=${mark}`, directories: [directory], holder: ownIdentity() },
    ladder: [{ signal: 'SIGTERM', graceMs: 5_000 }],
    ...changes,
  }
}
