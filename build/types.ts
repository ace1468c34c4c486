import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import project from './tsconfig.types.json' with { type: 'json' }

const root = fileURLToPath(new URL('..', import.meta.url))

/** Writes the declarations of the package: those of its entry points, and what these refer to. */
export async function buildTypes(directory: string): Promise<void> {
  const argv = ['--project', join(root, 'build/tsconfig.types.json'), '--outDir', directory]
  await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), argv)
  const fixtures = readdirSync(join(directory, 'fixtures'))
  const entries = project.include.flatMap((path) => {
    const entry = path.replace('../', '').replace(/\.ts$/, '.d.ts')
    return entry.includes('*') ? fixtures.map((name) => entry.replace('*', name)) : [entry]
  })
  removeOthers(directory, neededBy(entries.map((entry) => join(directory, entry)).filter((file) => existsSync(file))))
}

function neededBy(entries: readonly string[]): ReadonlySet<string> {
  const needed = new Set<string>()
  const waiting = [...entries]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (needed.has(file)) continue
    needed.add(file)
    waiting.push(...referencesIn(file))
  }
  return needed
}

/** Returns the files that a declaration imports: `from './a.ts'`, `import './a.ts'`, `import('./a.ts')`. */
function referencesIn(file: string): string[] {
  const names = readFileSync(file, 'utf8').matchAll(/\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)\.(?:ts|js)['"]/g)
  const files = Array.from(names, ([, name = '']) => resolve(dirname(file), `${name}.d.ts`))
  return files.filter((each) => existsSync(each))
}

function removeOthers(directory: string, needed: ReadonlySet<string>): void {
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const file = join(directory, name)
    if (name.endsWith('.d.ts') && !needed.has(file)) rmSync(file)
  }
}
