import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { makeOwnedDirectory, writePrivateFile } from './private-file.ts'
import type { StandbyExit } from './standby-exit.ts'

/** A sweep gives what it undoes three seconds. */
const limitMs = 2_500

/** Runs the exit of what a dead holder had entered; how it ends is nobody's concern any more. */
export async function undo(data: StandbyExit): Promise<void> {
  const { argv, environment, directory, filesDirectory, files, owner } = data
  if (!existsSync(directory)) return
  if (files.length > 0 && !existsSync(filesDirectory)) makeOwnedDirectory(filesDirectory, owner)
  for (const { path, content, isRunnable } of files) writePrivateFile(path, content, { owner, isRunnable })
  const [program = '', ...rest] = argv
  const identity = owner && { uid: owner.uid, gid: owner.gid }
  const options = { cwd: directory, env: environment, timeout: limitMs, killSignal: 'SIGKILL', ...identity } as const
  await new Promise<void>((resolve) => execFile(program, rest, options, () => resolve()).stdin?.end())
}
