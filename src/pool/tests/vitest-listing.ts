import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { CommandError, hasCode, MissingBinaryError } from '../../kernel/errors.ts'
import { describeEnd } from '../../process/ended.ts'
import { local } from '../../transport/local.ts'

export interface ListedFile {
  /** Path below the directory of the project. */
  readonly file: string
  /** Name of the Vitest project of the file, if any. */
  readonly project?: string
}

interface Listing {
  readonly directory: string
  readonly config?: string | undefined
  readonly filters: readonly string[]
  readonly signal?: AbortSignal | undefined
}

/**
 * Lists the test files of a project by the project's Vitest.
 *
 * @throws ERR_COMMAND with the output; ERR_MISSING_BINARY
 */
export async function listVitestFiles({ directory, config, filters, signal }: Listing): Promise<ListedFile[]> {
  const scratch = await mkdtemp(join(tmpdir(), 'test-services-'))
  try {
    const list = join(scratch, 'files.json')
    const options = ['--filesOnly', `--json=${list}`, ...(config === undefined ? [] : ['--config', config])]
    await runLocally([process.execPath, vitestIn(directory), 'list', ...options, ...filters], directory, signal)
    return await readList(list, directory)
  } finally {
    await rm(scratch, { recursive: true })
  }
}

/** Returns the program of the project's Vitest. @throws ERR_MISSING_BINARY */
export function vitestIn(directory: string): string {
  try {
    const manifest = createRequire(join(directory, 'package.json')).resolve('vitest/package.json')
    return join(dirname(manifest), 'vitest.mjs')
  } catch (thrown) {
    if (!hasCode(thrown, 'MODULE_NOT_FOUND')) throw thrown
    throw new MissingBinaryError(`${directory} has no Vitest: npm install --save-dev vitest`, { cause: thrown })
  }
}

async function runLocally(argv: readonly string[], directory: string, signal: AbortSignal | undefined): Promise<void> {
  await using transport = local()
  const output: Uint8Array[] = []
  const onOutput = (chunk: Uint8Array): void => void output.push(chunk)
  const ended = await transport.run(argv, { directory, onOutput, signal })
  if (ended.exitCode === 0) return
  const text = Buffer.concat(output).toString().trim()
  throw new CommandError(`"vitest list" in ${directory} ended with ${describeEnd(ended)}:\n${text}`)
}

async function readList(list: string, directory: string): Promise<ListedFile[]> {
  const listed: readonly { readonly file: string; readonly projectName?: string }[] = JSON.parse(
    await readFile(list, 'utf8'),
  )
  const root = await realpath(directory)
  const files = listed.map(async ({ file, projectName }) => ({
    file: relative(root, await realpath(file)),
    ...(projectName && { project: projectName }),
  }))
  return Promise.all(files)
}
