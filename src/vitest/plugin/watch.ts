import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, relative } from 'node:path'
import type { TestProject } from 'vitest/node'
import type { Stack } from '../../config/stack.ts'

type Contents = ReadonlyMap<string, string>

interface Watched {
  readonly stack: Stack
  /** The services that this run has brought up, or will. */
  readonly names: readonly string[]
  /** Restarts these services, and those that have crashed. */
  restart(names: readonly string[]): Promise<void>
}

/**
 * Before tests run again in watch mode: restarts the commands whose files have changed, and what has crashed. Of a
 * change of the config file, or of a template's files, it says, once for each change, that Vitest has to be restarted.
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
