import { type Dictionary, isDictionary } from '../../yaml/dictionary.ts'
import type { YamlDocument } from '../../yaml/yaml-document.ts'
import type { YamlPath } from '../../yaml/yaml-nodes.ts'
import type { WorkflowConfig } from '../config/workflow-config.ts'
import type { KnownScripts } from '../script/script.ts'
import { describeGot } from './describe-got.ts'
import type { Findings } from './findings.ts'
import { readArguments } from './script-arguments.ts'
import { readCommands } from './step-commands.ts'
import { readSettings } from './step-settings.ts'
import type { Substitution } from './substitution.ts'
import type { Step } from './workflow.ts'

/** What is needed to read steps. */
export interface StepScope {
  readonly document: YamlDocument
  readonly findings: Findings
  readonly substitution: Substitution
  readonly config: WorkflowConfig
  readonly scripts: KnownScripts
}

/** A step as it stands in the file. */
export interface RawStep {
  readonly path: YamlPath
  readonly value: Dictionary
  /** What a message begins with: `step "build": `. */
  readonly prefix: string
}

const keys = ['name', 'run', 'uses', 'with', 'transport', 'timeout', 'directory', 'environment']

const advice: Readonly<Record<string, string>> = {
  args: 'did you mean "with"?',
  cmd: 'did you mean "run"?',
  command: 'did you mean "run"?',
  commands: 'did you mean "run"?',
  cwd: 'did you mean "directory"?',
  env: 'did you mean "environment"?',
  if: 'a workflow has no conditions; name the steps to run, or write a script',
  script: 'did you mean "uses"?',
  'working-directory': 'did you mean "directory"?',
}

const nameForm = /^[a-z][a-z0-9_-]*$/
/** The name is a part of a directory's name. */
const longestName = 100

/** Reads steps, one after the other. */
export class StepReader {
  readonly #scope: StepScope
  /** Line of each name. */
  readonly #names = new Map<string, number>()

  constructor(scope: StepScope) {
    this.#scope = scope
  }

  /** Returns the step, or nothing if a problem was found. */
  async read(value: unknown, index: number): Promise<Step[]> {
    const { findings, document } = this.#scope
    const path = ['steps', index]
    if (!isDictionary(value)) {
      findings.add(path, `step ${index + 1}: expected a dictionary with name and run, but got ${describeGot(value)}`)
      return []
    }
    const prefix = `step ${typeof value.name === 'string' ? `"${value.name}"` : index + 1}: `
    const raw: RawStep = { path, value, prefix }
    findings.addUnknownKeys(path, { value, known: keys, prefix, advice })
    const name = this.#readName(raw)
    const settings = readSettings(raw, this.#scope)
    const work = await this.#readWork(raw)
    if (name === undefined || !work) return []
    return [{ name, position: document.positionOf(path), ...settings, ...work }]
  }

  #readName({ path, value: { name }, prefix }: RawStep): string | undefined {
    const { findings, document } = this.#scope
    const at = [...path, 'name']
    const mistake = mistakeInName(name)
    const earlier = typeof name === 'string' ? this.#names.get(name) : undefined
    if (mistake) findings.add(at, `${prefix}${mistake}`)
    else if (earlier !== undefined)
      findings.add(at, `${prefix}the step in line ${earlier} has this name too; rename one`)
    if (typeof name !== 'string') return undefined
    if (earlier === undefined) this.#names.set(name, document.positionOf(at).line)
    return name
  }

  async #readWork(raw: RawStep): Promise<{ run: readonly string[] } | { uses: string; with: unknown } | undefined> {
    const { path, value, prefix } = raw
    const { findings } = this.#scope
    const hasRun = 'run' in value
    const hasScript = 'uses' in value
    if (hasRun && hasScript)
      findings.addAtKey([...path, 'uses'], `${prefix}has both run and uses; make two steps of it`)
    if (!hasRun && !hasScript) findings.add(path, `${prefix}has neither run nor uses: run: echo hello`)
    if (!hasScript && 'with' in value)
      findings.addAtKey([...path, 'with'], `${prefix}with: only a script (uses) has arguments`)
    if (hasScript) return readArguments(raw, this.#scope)
    return hasRun ? { run: readCommands(raw, this.#scope) } : undefined
  }
}

function mistakeInName(name: unknown): string | undefined {
  const expected = 'expected lower-case letters, digits, "-" and "_", beginning with a letter'
  if (name === undefined) return 'name: missing'
  if (typeof name !== 'string') return `name: ${expected}, but got ${describeGot(name)}`
  if (name.length > longestName) return `name: expected at most ${longestName} characters`
  return nameForm.test(name) ? undefined : `name: ${expected}`
}
