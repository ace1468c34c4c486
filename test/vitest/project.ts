import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cp, mkdtemp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { inject } from 'vitest'
import { eventually } from '../support/eventually.ts'

interface Outcome {
  /** As a shell tells it: 128 and the signal's number where one ended it. */
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  /** Both streams of output, without colours. */
  readonly output: string
}

interface VitestProcess {
  readonly child: ChildProcess
  readonly pid: number
  readonly ended: Promise<Outcome>
}

/** What tests in the project told by `tell({ … })`. */
type Told = Readonly<Record<string, string>>

export interface Project {
  readonly directory: string
  /** Runs the real `vitest run` to its end. */
  run(args?: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Outcome>
  /** Starts the real `vitest` with a subcommand. */
  start(args: readonly string[], environment?: NodeJS.ProcessEnv): VitestProcess
  /** Runs the real `test-services`; returns its standard output. */
  command(args: readonly string[], environment?: NodeJS.ProcessEnv): Promise<string>
  /** Returns the values that tests have told so far. */
  told(): Told[]
  /** Resolves to the first values with this name, as soon as a test has told them. */
  whenTold(name: string): Promise<Told>
  write(file: string, content: string): void
  /** Replaces a text in a file of the project. */
  edit(file: string, from: string, to: string): void
}

/** Arguments for a run without our plugin. */
export const withoutPlugin = ['--config', '../without-plugin.config.ts'] as const

/** Copies a directory of `projects`, and the files beside it, to where Node finds the installed package. */
export async function createProject(name: string): Promise<Project> {
  const around = await mkdtemp(join(inject('installation'), 'project-'))
  const directory = join(around, name)
  await copyProject(name, around)
  const start = (args: readonly string[], environment: NodeJS.ProcessEnv = {}): VitestProcess => {
    const vitest = join(inject('installation'), 'node_modules/vitest/vitest.mjs')
    return startNode([vitest, ...args], directory, environment)
  }
  const told = (): Told[] => readTold(join(directory, 'told.jsonl'))
  return {
    directory,
    start,
    told,
    run: (args = [], environment = {}) => start(['run', ...args], environment).ended,
    command: (args, environment) => runCommand([inject('installedCommand'), ...args], directory, environment),
    whenTold: (name) => eventually(`a test told "${name}"`, () => told().find((what) => name in what), patienceMs),
    write: (file, content) => writeFileSync(join(directory, file), content),
    edit: (file, from, to) => editFile(join(directory, file), from, to),
  }
}

async function copyProject(name: string, to: string): Promise<void> {
  const projects = join(import.meta.dirname, 'projects')
  const entries = await readdir(projects, { withFileTypes: true })
  const wanted = entries.filter((entry) => (entry.isFile() && entry.name !== 'tsconfig.json') || entry.name === name)
  const names = wanted.map((entry) => entry.name)
  await Promise.all(names.map((each) => cp(join(projects, each), join(to, each), { recursive: true })))
}

function editFile(path: string, from: string, to: string): void {
  const content = readFileSync(path, 'utf8')
  if (!content.includes(from)) throw new Error(`${path} does not contain ${from}`)
  writeFileSync(path, content.replace(from, to))
}

/** A safeguard: what is waited for is an event, which comes as fast as the machine allows. */
const patienceMs = 30_000

function startNode(args: readonly string[], directory: string, environment: NodeJS.ProcessEnv): VitestProcess {
  const env = { ...outerEnvironment(), ...environment }
  const child = spawn(process.execPath, args, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = Promise.all([text(child.stdout), text(child.stderr)])
  const ended = once(child, 'exit').then(async ([exitCode, signal]) => {
    const [stdout, stderr] = await output
    return { exitCode, signal, output: stdout + stderr } as Outcome
  })
  return { child, pid: child.pid ?? 0, ended }
}

async function runCommand(args: readonly string[], directory: string, environment: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, args, {
    cwd: directory,
    env: { ...outerEnvironment(), ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return text(child.stdout)
}

/** Without what the Vitest around this test has set. */
function outerEnvironment(): NodeJS.ProcessEnv {
  const names = /^(VITEST|TEST$|NODE_ENV$|NODE_OPTIONS$|FORCE_TTY$|DEV$|PROD$|SSR$|MODE$|BASE_URL$|LP_(?!STATE_DIR))/
  const kept = Object.entries(process.env).filter(([name]) => !names.test(name))
  return { ...Object.fromEntries(kept), NO_COLOR: '1' }
}

function readTold(path: string): Told[] {
  if (!existsSync(path)) return []
  const complete = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  return complete.map((line) => JSON.parse(line) as Told)
}

/** The status of an answer, 0 where none comes. Its body is read: a connection with an unread one stays open. */
export async function statusOf(url: string | undefined): Promise<number> {
  return fetch(`${url}`).then(
    async (response) => {
      await response.text()
      return response.status
    },
    () => 0,
  )
}

/** Returns the number of different values. */
export function distinct(values: readonly unknown[]): number {
  return new Set(values).size
}
