import { relative } from 'node:path'
import { createReport } from '../../report/create-report.ts'
import { Excerpts } from '../../report/excerpts.ts'
import { headlineOf } from '../../report/headline.ts'
import { isFailure } from '../../report/statuses.ts'
import { readResults } from '../../results/read-results.ts'
import type { PageCommand, PageStep, PageTests, WorkflowPageData } from './page-data.ts'
import type { ReadCommand, ReadStep, ReadWorkflow } from './read-workflow.ts'

/** Failures of tests on the page of a workflow; the page of the tests has all. */
const mostFailures = 20

/** Returns the data of the page, with excerpts of outputs. */
export function createPageData({ path, state, source, steps, problems }: ReadWorkflow): WorkflowPageData {
  const excerpts = new Excerpts(path)
  // The outputs of failures come first: a page has a limited number of bytes.
  const failed = steps.filter(({ state }) => state.state !== 'passed')
  const pages = new Map([...failed, ...steps].map((step) => [step, undefined as PageStep | undefined]))
  for (const step of pages.keys()) pages.set(step, toStep(step, excerpts, path))
  return {
    ...state,
    elapsedMs: state.begin === '' ? undefined : lastTime(state, steps) - Date.parse(state.begin),
    source,
    steps: steps.flatMap((step) => pages.get(step) ?? []),
    problems,
  }
}

function toStep({ state, commands, log, artifacts, results }: ReadStep, excerpts: Excerpts, root: string): PageStep {
  return {
    ...state,
    commands: commands.map((command) => toCommand(command, excerpts)),
    ...(log !== undefined && { log: excerpts.file('step.log', log, true) }),
    artifacts: artifacts.map((file) => excerpts.file(nameOf(file, root, state.folder), file, false)),
    tests: results.map((directory) => toTests(directory, root)),
  }
}

function nameOf(file: string, root: string, folder: string): string {
  return relative(`${root}/${folder}/artifacts`, file)
}

function toCommand({ id, state, output }: ReadCommand, excerpts: Excerpts): PageCommand {
  return { id, ...state, ...(output !== undefined && { output: excerpts.file(`${id}.output`, output, true) }) }
}

function toTests(directory: string, root: string): PageTests {
  const { tests } = createReport(readResults(directory), directory)
  const failures = tests.filter(({ status }) => isFailure(status)).slice(0, mostFailures)
  return {
    headline: headlineOf(tests),
    href: `${relative(root, directory).split('/').map(encodeURIComponent).join('/')}/index.html`,
    failures: failures.map(({ name, status, results }) => ({
      name,
      status,
      note: results.find(({ note }) => note !== undefined)?.note ?? '',
    })),
  }
}

function lastTime(state: ReadWorkflow['state'], steps: readonly ReadStep[]): number {
  const spans = [state, ...steps.flatMap(({ commands }) => commands.map((command) => command.state))]
  return Math.max(...spans.map(({ begin, end }) => Date.parse(end || begin)).filter(Number.isFinite))
}
