import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../kernel/errors.ts'

interface Manifest {
  readonly type?: string
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** Endings of test files. */
export const testExtensions = ['ts', 'mts', 'js'] as const

/** The project of a user, as far as new files depend on it. */
export interface Project {
  readonly directory: string
  readonly manifest: Manifest
  /** The text of `package.json`. */
  readonly manifestText: string
  readonly language: 'ts' | 'js'
  /** Ending of a new test file, which Vitest compiles. TypeScript, however, demands a module for the imports of one. */
  readonly testExtension: (typeof testExtensions)[number]
  /** Ending of a new file that Node itself has to load as an ES module. */
  readonly moduleExtension: 'ts' | 'mts' | 'js' | 'mjs'
}

/** @throws ERR_USAGE without a readable package.json */
export function readProject(directory: string): Project {
  const file = join(directory, 'package.json')
  if (!existsSync(file)) throw new UsageError(`there is no package.json in ${directory}: run "npm init -y" first`)
  const manifestText = readFileSync(file, 'utf8')
  const manifest = parseManifest(file, manifestText)
  const { dependencies, devDependencies } = manifest
  const isTyped =
    existsSync(join(directory, 'tsconfig.json')) || 'typescript' in { ...dependencies, ...devDependencies }
  const language = isTyped ? 'ts' : 'js'
  const moduleExtension = manifest.type === 'module' ? language : (`m${language}` as const)
  const testExtension = moduleExtension === 'mjs' ? 'js' : moduleExtension
  return { directory, manifest, manifestText, language, testExtension, moduleExtension }
}

function parseManifest(file: string, text: string): Manifest {
  try {
    return JSON.parse(text) as Manifest
  } catch {
    throw new UsageError(`${file} is not JSON: mend it first`)
  }
}

const placeholder = /^echo "Error: no test specified"/

/** Returns package.json with scripts that are missing; `undefined` if none is. */
export function withScripts({ manifest, manifestText }: Project): string | undefined {
  const { scripts = {} } = manifest
  const added = { test: 'vitest run', services: 'test-services' }
  const missing = Object.entries(added).filter(
    ([name]) => scripts[name] === undefined || placeholder.test(scripts[name]),
  )
  if (missing.length === 0) return undefined
  const indent = /^[ \t]+(?=")/m.exec(manifestText)?.[0] ?? '  '
  return `${JSON.stringify({ ...manifest, scripts: { ...scripts, ...Object.fromEntries(missing) } }, null, indent)}\n`
}

/** Returns the command that adds packages for development, for the package manager of the project. */
export function installCommand(directory: string): string {
  if (existsSync(join(directory, 'pnpm-lock.yaml'))) return 'pnpm add --save-dev'
  return existsSync(join(directory, 'yarn.lock')) ? 'yarn add --dev' : 'npm install --save-dev'
}
