// Runs the command of a checkout. It runs a bundle of the sources, which is made when a source has changed.
import { createHash } from 'node:crypto'
import { readdirSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const cache = join(root, 'node_modules/.cache/test-services')
/** Everything that a bundle is made of. */
const inputs = ['src', 'fixtures', 'build', 'package.json', 'tsconfig.json', 'node_modules/.package-lock.json']

/** The directory of the bundle of the present sources: its name changes when a source is written, added or removed. */
function bundleDirectory() {
  const hash = createHash('sha256').update(root)
  for (const input of inputs) addInput(hash, join(root, input))
  return join(cache, hash.digest('hex').slice(0, 20))
}

function addInput(hash, path) {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats?.isDirectory()) for (const name of readdirSync(path)) addInput(hash, join(path, name))
  // The time of the last change of status cannot be set back, as that of the last modification can.
  else if (stats && /\.(ts|mjs|json)$/.test(path)) hash.update(`${path} ${stats.ino} ${stats.size} ${stats.ctimeMs}\n`)
}

/** Marks the bundle as in use, by its time. */
function findBundle() {
  const directory = bundleDirectory()
  const now = Date.now() / 1000
  try {
    utimesSync(directory, now, now)
    return directory
  } catch (thrown) {
    // One of somebody else can be run all the same.
    return thrown.code === 'ENOENT' ? undefined : directory
  }
}

async function makeBundle() {
  const { tsImport } = await import('tsx/esm/api')
  const maker = await tsImport('./make-bundle.ts', import.meta.url)
  return maker.makeBundle({ root, cache, bundleDirectory })
}

const bundle = findBundle() ?? (await makeBundle())
if (bundle) {
  process.setSourceMapsEnabled(true)
  await import(pathToFileURL(join(bundle, 'dist/cli.js')).href)
} else {
  const { register } = await import('tsx/esm/api')
  register()
  await import('../../src/cli/main.ts')
}
