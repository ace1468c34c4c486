import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { bundle, entryPoints } from '../bundle.ts'

export interface Checkout {
  readonly root: string
  /** Holds the bundles. */
  readonly cache: string
  /** The directory of the bundle of the present sources. */
  readonly bundleDirectory: () => string
}

/** Two changes of a file in less than this can leave it with one time. */
const clockTickMs = 20
/** How long a bundle is kept that no command runs from. */
const keptMs = 24 * 60 * 60 * 1000

/** Returns the directory of a bundle of the present sources; `undefined` where none can be made: they run without. */
export async function makeBundle(checkout: Checkout): Promise<string | undefined> {
  const draft = await createDraft(checkout.cache)
  if (draft === undefined) return undefined
  try {
    return await fillDraft(draft, checkout)
  } catch (thrown) {
    console.error(`test-services: runs from its sources, which cannot be bundled: ${(thrown as Error).message}`)
    return undefined
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** A directory beside the bundles, which becomes one by a rename; `undefined` in a checkout that cannot be written to. */
async function createDraft(cache: string): Promise<string | undefined> {
  try {
    await mkdir(cache, { recursive: true })
    return await mkdtemp(join(cache, 'draft-'))
  } catch (thrown) {
    if (['EACCES', 'EPERM', 'EROFS'].includes((thrown as NodeJS.ErrnoException).code ?? '')) return undefined
    throw thrown
  }
}

/** Sources that change while they are bundled are bundled again. */
async function fillDraft(draft: string, { root, cache, bundleDirectory }: Checkout): Promise<string> {
  for (;;) {
    const directory = bundleDirectory()
    await sleep(clockTickMs)
    await bundle(join(draft, 'dist'), { sourceMaps: true })
    if (bundleDirectory() !== directory) continue
    await copyFile(join(root, 'package.json'), join(draft, 'package.json'))
    await writeFile(join(draft, 'redirect-sources.mjs'), redirectionText(root, directory))
    await chmod(draft, 0o755)
    await publish(draft, directory)
    await removeOldBundles(cache)
    return directory
  }
}

/** Another start may have made the same bundle meanwhile. */
async function publish(draft: string, directory: string): Promise<void> {
  try {
    await rename(draft, directory)
  } catch (thrown) {
    if (!existsSync(directory)) throw thrown
  }
}

/** The text of a module that redirects imports of our sources, by a config of this checkout, to the bundle. */
function redirectionText(root: string, directory: string): string {
  const hooks = pathToFileURL(join(root, 'build/checkout/redirect-hooks.mjs'))
  const bundle = pathToFileURL(join(directory, 'dist/'))
  const urls = Object.entries(entryPoints).map(([name, source]) => [
    pathToFileURL(join(root, source)),
    new URL(`${name}.js`, bundle),
  ])
  const data = JSON.stringify({ bundle, urls: Object.fromEntries(urls) }, null, 2)
  return `import { register } from 'node:module'\nregister('${hooks}', { data: ${data} })\n`
}

/** A holder, and the guardian that sweeps after it, name their bundle in their arguments. */
async function removeOldBundles(cache: string): Promise<void> {
  const { stdout } = spawnSync('ps', ['-e', '-ww', '-o', 'args='], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  if (!stdout) return
  const directories = (await readdir(cache)).map((name) => join(cache, name))
  for (const directory of directories.filter((path) => isOld(path) && !stdout.includes(path)))
    await rm(directory, { recursive: true, force: true })
}

/** Another start may have renamed its draft, or removed an old bundle, meanwhile. */
function isOld(directory: string): boolean {
  const stats = statSync(directory, { throwIfNoEntry: false })
  return stats !== undefined && Date.now() - stats.mtimeMs > keptMs
}
