import type { SessionEvent } from '../session/events.ts'
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
