import { type CompletedShell, completionScript } from '../completion/shell-scripts.ts'
import { exitCodes } from '../terminal/exit-codes.ts'

/** Prints what a shell evaluates for completion. */
export function completion(shell: CompletedShell): number {
  process.stdout.write(completionScript(shell, [process.execPath, process.argv[1] ?? '']))
  return exitCodes.done
}
