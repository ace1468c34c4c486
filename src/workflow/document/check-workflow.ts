import { isDictionary, typeName } from '../../yaml/dictionary.ts'
import { readText } from '../../yaml/read-text.ts'
import { loadYaml, YamlDocument } from '../../yaml/yaml-document.ts'
import type { WorkflowConfig } from '../config/workflow-config.ts'
import type { KnownScripts } from '../script/script.ts'
import { Findings } from './findings.ts'
import { StepReader } from './step-reader.ts'
import { Substitution } from './substitution.ts'
import type { Step, Workflow } from './workflow.ts'

export interface WorkflowRequest {
  /** Path of the workflow. */
  readonly file: string
  readonly config: WorkflowConfig
  readonly scripts: KnownScripts
  /** Variables for `{{ local.env.NAME }}`. */
  readonly environment: NodeJS.ProcessEnv
}

/**
 * Reads a workflow, makes the substitutions, and checks everything that can be checked before a command runs.
 *
 * @throws ERR_CONFIG with all problems, each with file, line and column
 */
export async function checkWorkflow(request: WorkflowRequest): Promise<Workflow> {
  const { file, config, scripts, environment } = request
  const source = readText(file)
  const document = new YamlDocument(await loadYaml(), file, source)
  const findings = new Findings(document)
  const substitution = new Substitution({ config, environment }, findings)
  const reader = new StepReader({ document, findings, substitution, config, scripts })
  const content = document.isReadable ? await readContent(document.value, findings, reader) : undefined
  const error = findings.error(file)
  if (error) throw error
  return { file, source, ...content, steps: content?.steps ?? [], secrets: substitution.secrets }
}

const example = 'steps: [{ name: hello, run: echo hello }]'

async function readContent(
  value: unknown,
  findings: Findings,
  reader: StepReader,
): Promise<Pick<Workflow, 'doc' | 'steps'> | undefined> {
  if (value === null || value === undefined) findings.add([], `the file is empty; a workflow has steps: ${example}`)
  else if (!isDictionary(value))
    findings.add([], `expected a dictionary with steps, but got ${typeName(value)}: ${example}`)
  if (!isDictionary(value)) return undefined
  findings.addUnknownKeys([], { value, known: ['doc', 'steps'], prefix: '' })
  const { doc, steps } = value
  if (doc !== undefined && typeof doc !== 'string')
    findings.add(['doc'], `doc: expected a text, but got ${typeName(doc)}; put it in quotes`)
  return { doc: typeof doc === 'string' ? doc : undefined, steps: await readSteps(steps, findings, reader) }
}

async function readSteps(steps: unknown, findings: Findings, reader: StepReader): Promise<Step[]> {
  if (steps === undefined) findings.add([], `steps: missing; a workflow has steps: ${example}`)
  else if (!Array.isArray(steps))
    findings.add(['steps'], `steps: expected a list of steps, but got ${typeName(steps)}: ${example}`)
  else if (steps.length === 0) findings.add(['steps'], `steps: there is none: ${example}`)
  if (!Array.isArray(steps)) return []
  const read: Step[] = []
  for (const [i, step] of steps.entries()) read.push(...(await reader.read(step, i)))
  return read
}
