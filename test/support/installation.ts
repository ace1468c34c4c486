import { chmod, copyFile, cp, mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from '../../build/bundle.ts'
import { bundlePrograms } from './bundled-programs.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The package as `npm install` lays it out, in a directory of its own that is removed with it. */
export interface Installation extends AsyncDisposable {
  /** Holds `node_modules`: user projects are made below it. */
  readonly directory: string
  /** The command in it, to be run with `process.execPath`. */
  readonly command: string
  /** Copies a program to where it finds the package by name; gives its new path. */
  place(program: string): Promise<string>
}

export async function createInstallation(): Promise<Installation> {
  const directory = await mkdtemp(join(await realpath(tmpdir()), 'test-services-package-'))
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true })
  try {
    // Users of other tests run the programs in it.
    await chmod(directory, 0o755)
    const ours = join(directory, 'node_modules/test-services')
    await layOut(ours)
    await linkDependencies(join(directory, 'node_modules'))
    return {
      directory,
      command: join(ours, 'bin/test-services'),
      place: async (program) => {
        const placed = join(directory, basename(program))
        await copyFile(program, placed)
        return placed
      },
      [Symbol.asyncDispose]: remove,
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Copied, not linked: Node resolves links, and would find the source tree beside the command. */
async function layOut(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  await Promise.all([bundle(join(directory, 'dist')), bundlePrograms(join(directory, 'programs'))])
  for (const name of ['bin', 'fixtures']) await cp(join(root, name), join(directory, name), { recursive: true })
  await copyFile(join(root, 'package.json'), join(directory, 'package.json'))
}

async function linkDependencies(modules: string): Promise<void> {
  const names = await readdir(join(root, 'node_modules'))
  const packages = names.filter((name) => name === '.bin' || !name.startsWith('.'))
  await Promise.all(packages.map((name) => symlink(join(root, 'node_modules', name), join(modules, name))))
}
