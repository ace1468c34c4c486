/** The services of a workflow: filled in soon. */
export class WorkflowServices {
  async start(_names: readonly string[], _signal: AbortSignal): Promise<void> {}

  async variablesOn(_transport: string): Promise<Readonly<Record<string, string>>> {
    return {}
  }

  async close(): Promise<void> {}
}
