import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, posix, relative } from 'node:path'
import type { TestProject } from 'vitest/node'
import type { Stack } from '../../config/stack.ts'

type Contents = ReadonlyMap<string, string>

interface Watched {
  readonly stack: Stack
  /** Names of the services that this run has brought up, or will bring up. */
  readonly names: readonly string[]
  /** Restarts the named services and all crashed services. */
  restart(names: readonly string[]): Promise<void>
}

/**
 * Makes all tests run again in watch mode when the files of a command change. Before tests run again, restarts the
 * commands whose files have changed, and services that have crashed. After a change of the config file, or of a
 * template's files, warns once that Vitest has to be restarted.
 */
export async function followChanges(project: TestProject, watched: Watched): Promise<void> {
  const { vitest } = project
  if (!vitest.config.watch) return
  const { stack, names } = watched
  const { services } = stack.config
  const restartable = names.filter((name) => services[name]?.restartsOnChange)
  const restarting = new Map(
    await Promise.all(restartable.map(async (name) => [name, await read(stack, [name])] as const)),
  )
  await rerunOnChange(project, stack, restartable)
  const lasting = names.filter((name) => !restartable.includes(name))
  const atStart = await read(stack, lasting, projectFiles(stack))
  let known = atStart
  project.onTestsRerun(async () => {
    const now = await read(stack, lasting, projectFiles(stack))
    for (const path of changedPaths(known, now))
      if (now.get(path) !== atStart.get(path))
        vitest.logger.warn(`${relative(project.config.root, path)} has changed: restart vitest to use it`)
    known = now
    await watched.restart(await changedServices(stack, restarting))
  })
}

/** Vitest knows only the files that a test imports; a test that calls a server does not import the server. */
async function rerunOnChange({ vitest }: TestProject, stack: Stack, names: readonly string[]): Promise<void> {
  const { escapePath } = await import('tinyglobby')
  const { config, directory } = stack
  const globs = names
    .flatMap((name) => config.services[name]?.files ?? [])
    .map((glob) => (isAbsolute(glob) ? glob : posix.join(escapePath(directory), glob)))
  vitest.config.forceRerunTriggers.push(...globs)
  // Only the project's root is watched already.
  vitest.vite.watcher.add([...(await read(stack, names)).keys()])
}

/** @param known is brought up to date */
async function changedServices(stack: Stack, known: Map<string, Contents>): Promise<string[]> {
  const changed: string[] = []
  for (const [name, before] of known) {
    const now = await read(stack, [name])
    known.set(name, now)
    if (changedPaths(before, now).length > 0) changed.push(name)
  }
  return changed
}

function changedPaths(before: Contents, now: Contents): string[] {
  const paths = new Set([...before.keys(), ...now.keys()])
  return [...paths].filter((path) => before.get(path) !== now.get(path))
}

function projectFiles({ project, directory }: Stack): string[] {
  return isAbsolute(project) && project !== directory ? [project] : []
}

async function read({ directory, config }: Stack, names: readonly string[], more: string[] = []): Promise<Contents> {
  const patterns = names.flatMap((name) => config.services[name]?.files ?? [])
  const { glob } = await import('tinyglobby')
  const found = patterns.length > 0 ? await glob(patterns, { cwd: directory, absolute: true }) : []
  return new Map([...more, ...found].filter(existsSync).map((path) => [path, readFileSync(path, 'utf8')]))
}
