import { relative } from 'node:path'
import { Excerpts } from '../../report/excerpts.ts'
import type { PageCommand, PageStep, PageTests, WorkflowPageData } from './page-data.ts'
import type { ReadCommand, ReadStep, ReadWorkflow } from './read-workflow.ts'

/** The outcome of tests, by the directory of their results. */
export type TestsByDirectory = ReadonlyMap<string, PageTests>

/** Returns the data of the page, with excerpts of outputs. */
export function createPageData(
  { path, state, source, steps, problems }: ReadWorkflow,
  tests: TestsByDirectory,
): WorkflowPageData {
  const excerpts = new Excerpts(path)
  // The outputs of failures come first: a page has a limited number of bytes.
  const failed = steps.filter(({ state }) => state.state !== 'passed')
  const pages = new Map([...failed, ...steps].map((step) => [step, undefined as PageStep | undefined]))
  for (const step of pages.keys())
    pages.set(step, { ...toStep(step, excerpts, path), tests: step.results.flatMap((each) => tests.get(each) ?? []) })
  return {
    ...state,
    elapsedMs: state.begin === '' ? undefined : lastTime(state, steps) - Date.parse(state.begin),
    source,
    steps: steps.flatMap((step) => pages.get(step) ?? []),
    problems,
  }
}

function toStep(
  { state, commands, log, artifacts }: ReadStep,
  excerpts: Excerpts,
  root: string,
): Omit<PageStep, 'tests'> {
  return {
    ...state,
    commands: commands.map((command) => toCommand(command, excerpts)),
    ...(log !== undefined && { log: excerpts.file('step.log', log, true) }),
    artifacts: artifacts.map((file) => excerpts.file(nameOf(file, root, state.folder), file, false)),
  }
}

function nameOf(file: string, root: string, folder: string): string {
  return relative(`${root}/${folder}/artifacts`, file)
}

function toCommand({ id, state, output }: ReadCommand, excerpts: Excerpts): PageCommand {
  return { id, ...state, ...(output !== undefined && { output: excerpts.file(`${id}.output`, output, true) }) }
}

function lastTime(state: ReadWorkflow['state'], steps: readonly ReadStep[]): number {
  const spans = [state, ...steps.flatMap(({ commands }) => commands.map((command) => command.state))]
  return Math.max(...spans.map(({ begin, end }) => Date.parse(end || begin)).filter(Number.isFinite))
}
