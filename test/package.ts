import { copyFile, cp, mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { bundle } from '../build/bundle.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A directory whose `node_modules` holds the package as `npm install` lays it out: make user projects below it. */
    installation: string
    /** The command in it, to be run with `process.execPath`. */
    installedCommand: string
  }
}

const root = fileURLToPath(new URL('..', import.meta.url))

/** Installs the package once for all projects; gives the removal. */
export default async function install(project: TestProject): Promise<() => Promise<void>> {
  const installation = await mkdtemp(join(await realpath(tmpdir()), 'test-services-package-'))
  const remove = (): Promise<void> => rm(installation, { recursive: true, force: true })
  try {
    const modules = join(installation, 'node_modules')
    const ours = join(modules, 'test-services')
    await layOut(ours)
    await linkDependencies(modules)
    project.provide('installation', installation)
    project.provide('installedCommand', join(ours, 'bin/test-services'))
  } catch (error) {
    await remove()
    throw error
  }
  return remove
}

/** Copied, not linked: Node resolves links, and would find the source tree beside the command. */
async function layOut(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  await bundle(join(directory, 'dist'))
  await cp(join(root, 'bin'), join(directory, 'bin'), { recursive: true })
  await copyFile(join(root, 'package.json'), join(directory, 'package.json'))
}

async function linkDependencies(modules: string): Promise<void> {
  const names = await readdir(join(root, 'node_modules'))
  const packages = names.filter((name) => name === '.bin' || !name.startsWith('.'))
  await Promise.all(packages.map((name) => symlink(join(root, 'node_modules', name), join(modules, name))))
}
