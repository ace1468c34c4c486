import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { inject, onTestFinished } from 'vitest'
import { eventually } from '../support/eventually.ts'

/** Files of a user's project, by path. */
export type Files = Readonly<Record<string, string>>

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
  /** The real `vitest`, to its end. */
  run(args?: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Outcome>
  start(args?: readonly string[], environment?: NodeJS.ProcessEnv): VitestProcess
  /** The real `test-services`; its standard output. */
  command(args: readonly string[], environment?: NodeJS.ProcessEnv): Promise<string>
  told(): Told[]
  /** The first thing that a test told under this name, as soon as it did. */
  whenTold(name: string): Promise<Told>
  write(files: Files): Promise<void>
}

const libraryConfig = `
import { defineConfig } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'
export default defineConfig({
  services: { library: librarian() },
  environment: ({ library }) => ({ LIBRARY_URL: library.url }),
})
`

/** Tells the test outside, and reads what it says by making a file. */
const support = `
import { appendFileSync, existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { test as base } from 'vitest'
import { serviceFixtures } from 'test-services/vitest'
import config from './test-services.config.ts'
export { config }
export const test = base.extend(serviceFixtures(config))
export const tell = (what) => appendFileSync('told.jsonl', JSON.stringify({ pid: String(process.pid), ...what }) + '\\n')
export const isThere = async (file) => { while (!existsSync(file)) await pause(5) }
export const forever = () => new Promise(() => setInterval(() => {}, 1_000))
export const add = (library, body) => fetch(library.serviceConfig.url + '/files', { method: 'POST', body })
export const list = async (library) => (await (await fetch(library.serviceConfig.url + '/files')).json()).length
`

const defaults: Files = {
  'package.json': '{ "type": "module" }',
  'test-services.config.ts': libraryConfig,
  'support.ts': support,
  'vitest.config.ts': `
import { defineConfig } from 'vitest/config'
import { testServices } from 'test-services/vitest'
export default defineConfig({ plugins: [testServices()], test: { maxWorkers: 2, testTimeout: 30_000 } })
`,
}

/**
 * A user's project below the installed package; it is removed when the test has finished.
 *
 * @param name of a directory in `projects` that is copied; `files` come on top of it
 */
export async function createProject(files: Files, name?: string): Promise<Project> {
  const directory = await mkdtemp(join(inject('installation'), 'project-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const write = (more: Files): Promise<void> => writeAll(directory, more)
  await write(defaults)
  if (name) await cp(join(import.meta.dirname, 'projects', name), directory, { recursive: true })
  await write(files)
  const start = (args: readonly string[] = ['run'], environment: NodeJS.ProcessEnv = {}): VitestProcess => {
    const vitest = join(inject('installation'), 'node_modules/vitest/vitest.mjs')
    return startNode([vitest, ...args], directory, environment)
  }
  const told = (): Told[] => readTold(join(directory, 'told.jsonl'))
  return {
    directory,
    write,
    start,
    told,
    run: (args, environment) => start(args, environment).ended,
    command: (args, environment) => runCommand([inject('installedCommand'), ...args], directory, environment),
    whenTold: (name) => eventually(`a test told "${name}"`, () => told().find((what) => name in what), patienceMs),
  }
}

/** A safeguard: what is waited for is an event, which comes as fast as the machine allows. */
const patienceMs = 30_000

async function writeAll(directory: string, files: Files): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  }
}

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
