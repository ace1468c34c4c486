import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { Action } from '../../src/action/action.ts'
import { ActionGroup } from '../../src/action/action-group.ts'
import type { ActionPlan, ActionStatus, ActionSurroundings } from '../../src/action/action-plan.ts'
import type { ActionMessage } from '../../src/action/output/message.ts'
import { Redactor } from '../../src/kernel/redactor.ts'
import { acquireRun, releaseRun } from '../../src/run/own-run.ts'
import type { Run } from '../../src/run/run.ts'

export interface TestAction {
  readonly action: Action
  readonly group: ActionGroup
  readonly directory: string
  /** All statuses, in order. */
  readonly statuses: ActionStatus[]
  readonly messages: ActionMessage[]
  readonly notes: string[]
  output(): string
  /** Resolves when the output has this in it. */
  said(text: string): Promise<void>
  /** Runs it and ends its group. */
  run(): Promise<ActionStatus>
}

/** ActionRunner with a run of the test file's own. */
export function useActions() {
  let run: Run
  let count = 0
  beforeAll(async () => {
    run = await acquireRun()
  })
  afterAll(() => releaseRun(run))

  function create(plan: ActionPlan, around: Partial<ActionSurroundings> = {}): TestAction {
    const directory = join(run.directory, `session-${++count}`)
    mkdirSync(directory)
    const group = new ActionGroup(run, { label: 'TEST' })
    const parts: Buffer[] = []
    const waiting = new Set<() => void>()
    const statuses: ActionStatus[] = []
    const messages: ActionMessage[] = []
    const notes: string[] = []
    const output = (): string => Buffer.concat(parts).toString()
    const action = new Action('the test', plan, {
      group,
      environment: { PATH: process.env.PATH ?? '' },
      directory,
      filesDirectory: join(directory, 'files'),
      pathMappingFile: join(directory, 'path-mapping.json'),
      redactor: new Redactor(),
      ...around,
      onEvent: (event) => {
        if (event.kind === 'status') statuses.push(event.status)
        else messages.push(event.message)
        around.onEvent?.(event)
      },
      onLines: (lines) => {
        // Who takes the output themselves may take more of it than there is memory.
        if (around.onLines) around.onLines(lines)
        else parts.push(Buffer.from(lines))
        for (const look of waiting) look()
      },
      onNote: (level, text) => void notes.push(`${level} ${text}`),
    })
    const said = (text: string): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!output().includes(text)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      })
    const runToEnd = async (): Promise<ActionStatus> => {
      try {
        return await action.run()
      } finally {
        await group.end()
        rmSync(directory, { recursive: true, force: true })
      }
    }
    return { action, group, directory, statuses, messages, notes, output, said, run: runToEnd }
  }

  return {
    create,
    sh: (script: string, plan: Partial<ActionPlan> = {}, around: Partial<ActionSurroundings> = {}) =>
      create({ command: ['sh', '-c', script], ...plan }, around),
    run: () => run,
  }
}
