import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, relative } from 'node:path'
import type { TestProject } from 'vitest/node'
import type { Stack } from '../config/stack.ts'

type Contents = ReadonlyMap<string, string>

/**
 * In watch mode the services stay as they were started: says so, once for each change, when tests run again after a
 * change of the config file, or of the files that these services were made from.
 */
export async function tellOfChanges(project: TestProject, stack: Stack, names: Iterable<string>): Promise<void> {
  const { vitest } = project
  if (!vitest.config.watch) return
  const own = [...names]
  const atStart = await contentsOf(stack, own)
  let known = atStart
  project.onTestsRerun(async () => {
    const now = await contentsOf(stack, own)
    const paths = new Set([...known.keys(), ...now.keys()])
    for (const path of paths)
      if (now.get(path) !== known.get(path) && now.get(path) !== atStart.get(path))
        vitest.logger.warn(`${relative(project.config.root, path)} has changed: restart vitest to use it`)
    known = now
  })
}

async function contentsOf({ project, directory, config }: Stack, names: readonly string[]): Promise<Contents> {
  const patterns = names.flatMap((name) => config.services[name]?.files ?? [])
  const { glob } = await import('tinyglobby')
  const found = patterns.length > 0 ? await glob(patterns, { cwd: directory, absolute: true }) : []
  const files = isAbsolute(project) && project !== directory ? [project, ...found] : found
  return new Map(files.filter(existsSync).map((path) => [path, readFileSync(path, 'utf8')]))
}
