import type { Redactor } from '../kernel/redactor.ts'
import type { SessionEvent } from '../session/events.ts'
import { redacted } from './output/record-file.ts'
import type { CommandState, StepState } from './output/step-record.ts'

/** News of a running workflow, for a display. */
export type WorkflowEvent =
  | { readonly type: 'step'; readonly step: StepState }
  | { readonly type: 'step-end'; readonly step: StepState; readonly failed?: FailedCommand | undefined }
  | {
      readonly type: 'command'
      readonly step: string
      readonly command: CommandState['command']
      readonly transport: string
    }
  | { readonly type: 'output'; readonly step: string; readonly chunk: Uint8Array }
  | { readonly type: 'log'; readonly step: string; readonly text: string }
  | { readonly type: 'service'; readonly event: SessionEvent }

/** The command that made a step fail. */
export interface FailedCommand {
  readonly command: CommandState['command']
  /** File with the output. */
  readonly file: string
}

/** Hides secrets in the texts of an event. The output of a command stays as the command wrote it. */
export function withoutSecrets(event: WorkflowEvent, redactor: Redactor): WorkflowEvent {
  if (event.type === 'output' || event.type === 'service') return event
  if (event.type === 'log') return { ...event, text: redactor.apply(event.text) }
  return redacted(event, redactor) as WorkflowEvent
}
