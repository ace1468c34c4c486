import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join, posix, relative } from 'node:path'
import { temporaryDirectory } from '../../host/files/temporary-directory.ts'
import { packageDirectory } from '../../host/modules/package-program.ts'
import { MissingBinaryError, StateError } from '../../kernel/errors.ts'
import { isCompiled } from '../../kernel/package-modules.ts'
import type { Machine } from '../machines/machine.ts'
import { projectDirectory } from '../machines/project-copy.ts'
import { bundleConfig } from './config-bundle.ts'
import type { ServicesProgram } from './remote-services.ts'

/** Name of our directory on the machine, and in the copy of the project, where packages of the project are found. */
const place = '.test-services'
const configName = 'test-services.config.mjs'

interface PlacedStack {
  readonly configFile: string
  /** Base of relative paths in the config. */
  readonly directory: string
}

/**
 * Puts the project of a config file on a machine, with test-services and the config inside, and returns how to run the
 * program with the services. The compiled package contains all dependencies; client libraries come with the project.
 *
 * @throws ERR_MISSING_BINARY if the machine has no Node; ERR_CONFIG, ERR_COMMAND, ERR_TRANSPORT, ERR_CANCELED
 */
export async function placeProgram(
  machine: Machine,
  { configFile, directory }: PlacedStack,
  signal: AbortSignal,
): Promise<ServicesProgram> {
  const { transport } = machine
  const own = `${machine.directory}/${place}`
  const temporary = `${own}/tmp`
  await requireNode(machine, temporary, signal)
  const project = await projectDirectory(machine, { directory }, signal)
  const modules = `${project}/${place}/node_modules/test-services`
  for (const name of contents()) await transport.put(join(packageDirectory(), name), `${modules}/${name}`, { signal })
  const config = `${project}/${place}/${configName}`
  const bundle = await bundleConfig(configFile, posix.join(project, relative(directory, configFile)))
  await putText(machine, config, bundle, signal)
  return {
    argv: ['node', `${modules}/dist/machine-services.js`],
    directory: project,
    // All files of the services are in the machine's directory, and go with the machine.
    environment: { LP_STATE_DIR: `${own}/state`, TMPDIR: temporary },
    request: { configFile: config, names: [] },
  }
}

/** @throws ERR_STATE for an uncompiled checkout */
function contents(): readonly string[] {
  if (isCompiled) return ['package.json', 'dist']
  throw new StateError('the sources of test-services cannot be put on a machine: install test-services as a package')
}

async function putText({ transport }: Machine, path: string, text: Uint8Array, signal: AbortSignal): Promise<void> {
  const directory = await mkdtemp(join(temporaryDirectory(), 'ts-'))
  try {
    const file = join(directory, 'file')
    await writeFile(file, text, { mode: 0o600 })
    await transport.put(file, path, { signal })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

const oldestMajor = 20

/** Checks the version of Node, and makes the directory for temporary files. */
async function requireNode({ name, transport }: Machine, temporary: string, signal: AbortSignal): Promise<void> {
  let output = ''
  const onStdout = (chunk: Uint8Array): void => {
    output += Buffer.from(chunk).toString()
  }
  await transport.run(['sh', '-c', 'mkdir -p -m 700 -- "$1" && node --version', 'sh', temporary], { onStdout, signal })
  const major = Number(/^v(\d+)/.exec(output)?.[1])
  if (major >= oldestMajor) return
  const found = output.trim() || 'none'
  throw new MissingBinaryError(
    `the services of ${name} run on that machine, which needs Node ${oldestMajor} or later there, and has ${found}: ` +
      'install it, or let the machines share services of this process, with "shared: true"',
  )
}
