import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, inject } from 'vitest'

export interface Ran {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A command under way; what it says on standard error can be waited for. */
export interface Started {
  readonly child: ChildProcess
  readonly pid: number
  readonly ended: Promise<Ran>
  /** Resolves when standard error has said this. */
  said(what: string | RegExp): Promise<void>
  /** Returns what standard error has said so far. */
  heard(): string
}

export interface UserProject {
  readonly directory: string
  /** The installed command, to be run with `process.execPath`. */
  readonly command: string
  write(file: string, content: string): string
  /** Copies a file or a directory of `test/`, such as `programs/says.mjs`; returns the path. Default for `name`: the same name. */
  copy(file: string, name?: string): string
  /** Starts the installed command. */
  start(argv: readonly string[], options?: SpawnOptions): Started
  /** Runs the installed command to its end. */
  run(argv: readonly string[], options?: SpawnOptions): Promise<Ran>
}

/** Value of `ODD` in `configs/web.config.mjs`: everything that a shell could spoil. */
export const oddValue = `it's a "test"\n$(exit 1) \`x\` \\ !y`

/**
 * The project of a user who has installed the package; removed after the tests of the file.
 *
 * @param config name of a config in `test/configs`, without its ending; an empty name for a project without a config
 */
export function useUserProject(config = 'web'): UserProject {
  const directory = mkdtempSync(join(inject('installation'), 'project-'))
  afterAll(() => rmSync(directory, { recursive: true, force: true }))
  const write = (file: string, content: string): string => {
    const path = join(directory, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    return path
  }
  const copy = (file: string, name = basename(file)): string => {
    const path = join(directory, name)
    mkdirSync(dirname(path), { recursive: true })
    cpSync(join(import.meta.dirname, '..', file), path, { recursive: true })
    return path
  }
  copy('programs/serves-pid.pl', 'server.pl')
  write('package.json', '{"type":"module"}')
  if (config) copy(`configs/${config}.config.mjs`, 'test-services.config.mjs')
  const command = inject('installedCommand')
  const start = (argv: readonly string[], options: SpawnOptions = {}): Started =>
    startProcess([process.execPath, command, ...argv], { cwd: directory, ...options })
  return { directory, command, write, copy, start, run: (argv, options) => start(argv, options).ended }
}

/** Starts a command with its output collected; its environment has no services of an outer shell. */
export function startProcess([program = '', ...argv]: readonly string[], options: SpawnOptions = {}): Started {
  const child = spawn(program, argv, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
    env: { ...cleanEnvironment(), ...options.env },
  })
  const stderr = listen(child.stderr)
  const stdout = child.stdout ? text(child.stdout) : Promise.resolve('')
  const ended = once(child, 'close').then(async ([code, signal]) => ({
    code,
    signal,
    stdout: await stdout,
    stderr: stderr.heard(),
  }))
  return { child, pid: child.pid ?? -1, ended, said: stderr.said, heard: stderr.heard }
}

/** This process's environment without what services of an outer shell, or Vitest itself, have put there. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(LP_(?!STATE_DIR$)|VITEST|NO_COLOR$|FORCE_COLOR$|TEST_SERVICES_|npm_|TEST$|NODE_ENV$)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)))
}

function listen(stream: Readable | null) {
  let heard = ''
  const isSaid = (what: string | RegExp): boolean =>
    typeof what === 'string' ? heard.includes(what) : what.test(heard)
  stream?.setEncoding('utf8').on('data', (piece: string) => {
    heard += piece
  })
  const said = async (what: string | RegExp): Promise<void> => {
    while (!isSaid(what)) {
      const ended = await Promise.race([once(stream as Readable, 'data').then(() => false), closed.then(() => true)])
      if (ended && !isSaid(what)) throw new Error(`standard error ended without ${what}:\n${heard}`)
    }
  }
  const closed = stream ? once(stream, 'close') : Promise.resolve()
  return { heard: () => heard, said }
}

/** The variables of what a command printed with `--format json`. */
export function variablesOf({ stdout }: Ran): Record<string, string> {
  return JSON.parse(stdout) as Record<string, string>
}
