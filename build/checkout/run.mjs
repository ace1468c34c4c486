// Runs the command of a checkout. It runs a bundle of the sources, which is made when a source has changed.
import { readdirSync, statSync, utimesSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const cache = `${root}node_modules/.cache/test-services`
/** Everything that a bundle is made of. */
const inputs = {
  directories: ['src', 'fixtures', 'build'],
  files: ['package.json', 'tsconfig.json', 'node_modules/.package-lock.json'],
}

/** The directory of the bundle of the present sources: its name changes when a source is written, added or removed. */
function bundleDirectory() {
  const files = [...inputs.directories.flatMap(sourcesIn), ...inputs.files]
  return `${cache}/${hashOf(files.map(describeFile).join('\n'))}`
}

function sourcesIn(directory) {
  return readdirSync(root + directory, { withFileTypes: true }).flatMap((entry) => {
    const path = `${directory}/${entry.name}`
    if (entry.isDirectory()) return sourcesIn(path)
    return /\.(ts|mjs|json)$/.test(path) ? path : []
  })
}

/** The time of the last change of status cannot be set back, as that of the last modification can. */
function describeFile(path) {
  const stats = statSync(root + path, { throwIfNoEntry: false })
  return `${path} ${stats?.ino} ${stats?.size} ${stats?.ctimeMs}`
}

/** Two FNV-1a hashes of 32 bits with different factors. To load node:crypto would take as long as all else here. */
function hashOf(text) {
  let [one, other] = [0x811c9dc5, 0x9dc5811c]
  for (let index = 0; index < text.length; index++) {
    one = Math.imul(one ^ text.charCodeAt(index), 16_777_619)
    other = Math.imul(other ^ text.charCodeAt(index), 2_654_435_761)
  }
  return [one, other].map((hash) => (hash >>> 0).toString(16).padStart(8, '0')).join('')
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
  await import(pathToFileURL(`${bundle}/dist/cli.js`).href)
} else {
  const { register } = await import('tsx/esm/api')
  register()
  await import('../../src/cli/main.ts')
}
