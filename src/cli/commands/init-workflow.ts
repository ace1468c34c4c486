import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../kernel/errors.ts'
import { ownCommand } from '../../kernel/own-command.ts'
import { defaultWorkflow } from '../../workflow/script/find-workflows.ts'
import { keepOld } from '../init/keep-old.ts'
import { workflowSource } from '../init/workflow-source.ts'
import { exitCodes } from '../terminal/exit-codes.ts'

/** Writes an example workflow. An existing file stays unchanged; with `force`, the old file is renamed first. */
export function initWorkflow(others: readonly string[], force: boolean): number {
  if (others.length > 0)
    throw new UsageError(
      `"init workflow" takes no further name (${others.join(', ')}); "init ${others.join(' ')}" does`,
    )
  const directory = process.cwd()
  const file = join(directory, defaultWorkflow)
  const exists = existsSync(file)
  if (exists && !force) {
    process.stdout.write(`kept ${defaultWorkflow}, which exists; --force replaces it\n`)
    return exitCodes.done
  }
  const done = exists ? [keepOld(defaultWorkflow, directory)] : []
  writeFileSync(file, workflowSource(ownCommand()))
  const lines = [...done, `wrote ${defaultWorkflow}`, 'next:', `  ${ownCommand()} workflow`]
  process.stdout.write(`${lines.join('\n')}\n`)
  return exitCodes.done
}
