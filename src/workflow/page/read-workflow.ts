import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import * as v from 'valibot'
import { namesIn } from '../../host/files/names-in.ts'
import { asError, ResultsError } from '../../kernel/errors.ts'
import { parseJson } from '../../kernel/parse-json.ts'
import { valueUnless } from '../../kernel/value-unless.ts'
import { runFile } from '../../results/run-files.ts'
import type { RunRecord } from '../../results/run-record.ts'
import { loadYaml } from '../../yaml/yaml-document.ts'
import { commandSchema, stateFile, workflowSchema } from '../output/record-schemas.ts'
import type { CommandState, StepState, WorkflowState } from '../output/step-record.ts'

export interface ReadWorkflow {
  /** Absolute path of the output directory. */
  readonly path: string
  readonly state: WorkflowState
  /** Text of the workflow file. */
  readonly source?: string | undefined
  readonly steps: readonly ReadStep[]
  /** Files that could not be read, in words. */
  readonly problems: readonly string[]
}

export interface ReadStep {
  readonly state: StepState
  readonly commands: readonly ReadCommand[]
  /** Path of the lines for people. */
  readonly log?: string | undefined
  /** Paths of files, in the order of names. */
  readonly artifacts: readonly string[]
  /** Directories with results of tests. */
  readonly results: readonly string[]
}

export interface ReadCommand {
  /** Name of the record, such as `cmd_01`. */
  readonly id: string
  readonly state: CommandState
  /** Path of the output. */
  readonly output?: string | undefined
}

type Written = ReadonlyMap<string, unknown>

/** Whether a directory is the output directory of a workflow. */
export function isWorkflowOutput(directory: string): boolean {
  return existsSync(join(directory, stateFile))
}

/**
 * Reads the output directory of a workflow. A running or killed run is read as far as the records go.
 *
 * @param written records that need not be read, by path
 * @throws ERR_RESULTS if there is no state of a workflow
 */
export async function readWorkflow(directory: string, written: Written = new Map()): Promise<ReadWorkflow> {
  const path = resolve(directory)
  const reader = new Reader(path, written)
  const state = await reader.state(join(path, stateFile), workflowSchema)
  if (!state)
    throw new ResultsError(`${path} has no readable ${stateFile}: expected the output directory of a workflow`)
  const steps: ReadStep[] = []
  for (const step of state.steps) steps.push(await reader.step(step))
  return { path, state, source: reader.text(join(path, 'workflow.yaml')), steps, problems: reader.problems }
}

/** Reads records, and notes in words which files cannot be read. */
class Reader {
  readonly problems: string[] = []
  readonly #root: string
  readonly #written: Written

  constructor(root: string, written: Written) {
    this.#root = root
    this.#written = written
  }

  text(path: string): string | undefined {
    return valueUnless(['ENOENT', 'ENOTDIR'], () => readFileSync(path, 'utf8'))
  }

  async state<Value>(path: string, schema: v.GenericSchema<unknown, Value>): Promise<Value | undefined> {
    const written = this.#written.get(path)
    if (written !== undefined) return written as Value
    const text = this.text(path)
    if (text === undefined) return undefined
    const { parse } = await loadYaml()
    try {
      return v.parse(schema, parse(text))
    } catch (thrown) {
      this.problems.push(`${relative(this.#root, path)}: ${asError(thrown).message}`)
      return undefined
    }
  }

  async step(state: StepState): Promise<ReadStep> {
    const folder = join(this.#root, state.folder)
    const files = namesIn(folder)
    const ids = files.filter((name) => /^cmd_\d+\.state$/.test(name)).map((name) => name.replace(/\.state$/, ''))
    const artifacts = filesBelow(join(folder, 'artifacts'))
    const results = artifacts.filter(isRunFile).map((path) => join(path, '..'))
    const commands: ReadCommand[] = []
    for (const id of ids.sort(byNumber)) commands.push(...(await this.#command(folder, id)))
    const isOfTests = (path: string): boolean => results.some((directory) => path.startsWith(`${directory}/`))
    return {
      state,
      commands,
      artifacts: artifacts.filter((path) => !isOfTests(path)),
      results,
      ...(files.includes('step.log') && { log: join(folder, 'step.log') }),
    }
  }

  async #command(folder: string, id: string): Promise<ReadCommand[]> {
    const state = await this.state(join(folder, `${id}.state`), commandSchema)
    const output = join(folder, `${id}.output`)
    return state ? [{ id, state, ...(existsSync(output) && { output }) }] : []
  }
}

/** Whether a file is the `run.json` of results: an artifact may have this name by chance. */
function isRunFile(path: string): boolean {
  if (basename(path) !== runFile) return false
  const record = parseJson(readFileSync(path, 'utf8')) as Partial<RunRecord> | null | undefined
  return record?.format === 1 && typeof record.id === 'string'
}

function byNumber(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

/** Most artifacts that a page lists. */
const mostArtifacts = 1_000

function filesBelow(directory: string): string[] {
  const entries = valueUnless(['ENOENT', 'ENOTDIR'], () =>
    readdirSync(directory, { recursive: true, withFileTypes: true }),
  )
  const files = (entries ?? []).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return files.sort(byNumber).slice(0, mostArtifacts)
}
