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
 * Returns the directory for the bundle of the present sources: the name changes when a source is written, added or
 * removed.
 */
function bundleDirectory() {
  const files = [...inputs.directories.flatMap(sourcesIn), ...inputs.files]
  return `${cache}/${hashOf(files.map(describeFile).join('\n'))}`
}

function sourcesIn(directory) {
  return readdirSync(root + directory, { withFileTypes: true }).flatMap((entry) => {
    const path = `${directory}/${entry.name}`
    if (entry.isDirectory()) return sourcesIn(path)
    return /\.(ts|mjs|json|css)$/.test(path) ? path : []
  })
}

/**
 * Describes the state of a file. Uses the time of the last status change, which programs cannot set back, unlike the
 * time of the last modification.
 */
function describeFile(path) {
  const stats = statSync(root + path, { throwIfNoEntry: false })
  return `${path} ${stats?.ino} ${stats?.size} ${stats?.ctimeMs}`
}

/**
 * Combines two 32-bit FNV-1a hashes with different factors. Loading node:crypto would take as long as the rest of this
 * file.
 */
function hashOf(text) {
  let [one, other] = [0x811c9dc5, 0x9dc5811c]
  for (let index = 0; index < text.length; index++) {
    one = Math.imul(one ^ text.charCodeAt(index), 16_777_619)
    other = Math.imul(other ^ text.charCodeAt(index), 2_654_435_761)
  }
  return [one, other].map((hash) => (hash >>> 0).toString(16).padStart(8, '0')).join('')
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
