// Runs the command of a checkout from a bundle of the sources. A new bundle is made after a change of the sources.
import { readdirSync, statSync, utimesSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const cache = `${root}node_modules/.cache/test-services`
/** All inputs of a bundle. */
const inputs = {
  directories: ['src', 'fixtures', 'build'],
  files: ['package.json', 'tsconfig.json', 'node_modules/.package-lock.json'],
}

/**
 * Returns the directory for the bundle of the present sources: the name changes when a source is written, added,
 * removed or renamed.
 */
function bundleDirectory() {
  const hash = new Hash()
  for (const directory of inputs.directories) addSources(directory, hash)
  for (const file of inputs.files) addFile(file, hash)
  return `${cache}/${hash}`
}

/** Adds the sources in a directory, and the path of the directory: its rename changes no file. */
function addSources(directory, hash) {
  for (const byte of Buffer.from(directory)) hash.add(byte)
  for (const entry of readdirSync(root + directory, { withFileTypes: true })) {
    const path = `${directory}/${entry.name}`
    if (entry.isDirectory()) addSources(path, hash)
    else if (/\.(ts|mjs|json|css)$/.test(path)) addFile(path, hash)
  }
}

/**
 * Adds the state of a file, which changes when the file is written or renamed. Uses the time of the last status change,
 * which programs cannot set back, unlike the time of the last modification.
 */
function addFile(path, hash) {
  const stats = statSync(root + path, { throwIfNoEntry: false })
  hash.add(stats?.ino)
  hash.add(stats?.size)
  hash.add(stats?.ctimeMs * 1024)
}

/**
 * Two 32-bit FNV-1a hashes of numbers, with different factors. Loading node:crypto would take as long as the rest of
 * this file, and a hash of texts a third of that.
 */
class Hash {
  #one = 0x811c9dc5
  #other = 0x9dc5811c

  add(number) {
    this.#one = Math.imul(this.#one ^ number, 16_777_619)
    this.#other = Math.imul(this.#other ^ number, 2_654_435_761)
  }

  toString() {
    return [this.#one, this.#other].map((hash) => (hash >>> 0).toString(16).padStart(8, '0')).join('')
  }
}

/** Returns the directory of the present bundle, and sets its time to mark the bundle as in use. */
function findBundle() {
  const directory = bundleDirectory()
  const now = Date.now() / 1000
  try {
    utimesSync(directory, now, now)
    return directory
  } catch (thrown) {
    // A bundle of another user can be run, although its time cannot be set.
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
  await import(pathToFileURL(`${bundle}/dist/cli.js`).href)
} else {
  const { register } = await import('tsx/esm/api')
  register()
  await import('../../src/cli/main.ts')
}
