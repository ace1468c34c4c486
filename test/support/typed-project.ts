import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { buildTypes } from '../../build/types.ts'
import { root } from './documents.ts'

const tsc = join(root, 'node_modules/.bin/tsc')

/** A project that has installed the types of the package, and of other packages. */
export interface TypedProject extends AsyncDisposable {
  readonly directory: string
  write(file: string, content: string): Promise<void>
  /** Links packages of this checkout. */
  install(names: readonly string[]): Promise<void>
  /** Runs the compiler; returns the lines of its output that are about a path with this beginning. */
  compile(argv: readonly string[], ...about: readonly string[]): Promise<string[]>
}

export async function createTypedProject(installed: readonly string[]): Promise<TypedProject> {
  const directory = await mkdtemp(join(await realpath(tmpdir()), 'ts-types-'))
  const modules = join(directory, 'node_modules')
  const types = join(modules, 'test-services/dist/types')
  await buildTypes(types)
  await copyFile(join(root, 'package.json'), join(modules, 'test-services/package.json'))
  const install = async (names: readonly string[]): Promise<void> => {
    for (const name of names) {
      await mkdir(dirname(join(modules, name)), { recursive: true })
      await symlink(join(root, 'node_modules', name), join(modules, name))
    }
  }
  await install(installed)
  const write = async (file: string, content: string): Promise<void> => {
    await mkdir(dirname(join(directory, file)), { recursive: true })
    await writeFile(join(directory, file), content)
  }
  await write('package.json', '{"type":"module"}')
  return {
    directory,
    install,
    write,
    compile: (argv, ...about) => compile(argv, { directory, about }),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  }
}

interface Compilation {
  readonly directory: string
  readonly about: readonly string[]
}

async function compile(argv: readonly string[], { directory, about }: Compilation): Promise<string[]> {
  const compiled = promisify(execFile)(tsc, ['--noEmit', '--pretty', 'false', ...argv], { cwd: directory })
  const { stdout } = await compiled.catch((error: { stdout: string }) => error)
  return stdout.split('\n').filter((line) => about.some((path) => line.startsWith(path)))
}
