import { existsSync } from 'node:fs'
import { randomName } from '../../host/secret.ts'
import { Deadline, settlesWithin } from '../../kernel/deadline.ts'
import { DeadlineError } from '../../kernel/errors.ts'
import { ownIdentity } from '../../process/inspect/identity.ts'
// biome-ignore lint/style/noRestrictedImports: acts for a dead holder, whose run is on record
import { type GatedCommand, type GatedProcess, spawnGated } from '../../process/spawn-gate.ts'
import { immediateLadder } from '../../process/stop-ladder.ts'
import { findOrphans, terminate } from '../../process/termination.ts'
import { otherUser } from '../user/account.ts'
import { makeOwnedDirectory, writePrivateFile } from '../user/private-file.ts'
import { asUser } from '../user/run-as.ts'
import type { ExitOnDeath } from './exit-on-death.ts'

/** Marks, in the environment, the processes of one exit, so that all can be ended after the exit. */
const exitVariable = 'TEST_SERVICES_EXIT'
const markLength = 20

/**
 * Runs the exit of an environment whose holder died. The exit status is ignored: no caller is left to be told.
 *
 * @throws ERR_DEADLINE when the exit had to be killed
 */
export async function reclaim(exit: ExitOnDeath, limitMs: number): Promise<void> {
  // An earlier sweep got further and removed the directory.
  if (!existsSync(exit.sessionDirectory)) return
  const mark = randomName(markLength)
  // The start counts, too: on a busy machine it takes longer than the caller waits after the limit.
  const time = new Deadline('its onExit', limitMs)
  const process = await start(exit, { [exitVariable]: mark })
  const isOver = await settlesWithin(process.exited, time.remainingMs)
  const users = [otherUser(exit.owner)].filter((user) => user !== undefined)
  await terminate({
    leaders: [{ identity: process.identity, ladder: immediateLadder }],
    marks: { variable: `${exitVariable}=${mark}`, directories: [], holder: ownIdentity(), users },
    seen: findOrphans(process.identity),
  })
  if (!isOver) throw new DeadlineError('its onExit', limitMs)
}

function start(exit: ExitOnDeath, marks: Readonly<Record<string, string>>): Promise<GatedProcess> {
  const { argv, directory, sessionDirectory, files, filesDirectory, owner } = exit
  if (files.length > 0 && !existsSync(filesDirectory)) makeOwnedDirectory(filesDirectory, owner)
  for (const { path, content, isRunnable } of files) writePrivateFile(path, content, { owner, isRunnable })
  const command: GatedCommand = {
    argv,
    environment: { ...exit.environment, ...marks },
    directory,
    stdout: 'ignore',
    stderr: 'ignore',
  }
  // No record needed: the process carries the mark of its run, and the run is on record.
  return spawnGated(
    { ...command, ...(owner && asUser(command, { account: owner, ownedDirectory: sessionDirectory })) },
    () => {},
  )
}
