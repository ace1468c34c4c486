import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { packageModules } from '../../src/kernel/package-modules.ts'
import { bundle } from '../bundle.ts'

export interface Checkout {
  readonly root: string
  /** Directory of all bundles. */
  readonly cache: string
  /** Returns the directory for the bundle of the present sources. */
  readonly bundleDirectory: () => string
}

/** Resolution of file times, in milliseconds. Two changes within this time can leave a file with an unchanged time. */
const clockTickMs = 20
/** Time for which an unused bundle is kept, in milliseconds. */
const keptMs = 24 * 60 * 60 * 1000

/**
 * Returns the directory of a bundle of the present sources; `undefined` if no bundle can be made: then the sources run
 * directly.
 */
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

/**
 * Creates a draft directory beside the bundles, to be renamed later; `undefined` in a checkout without write access.
 */
async function createDraft(cache: string): Promise<string | undefined> {
  try {
    await mkdir(cache, { recursive: true })
    return await mkdtemp(join(cache, 'draft-'))
  } catch (thrown) {
    if (['EACCES', 'EPERM', 'EROFS'].includes((thrown as NodeJS.ErrnoException).code ?? '')) return undefined
    throw thrown
  }
}

/** Fills a draft and publishes the draft as a bundle. Starts again if sources have changed during the bundling. */
async function fillDraft(draft: string, { root, cache, bundleDirectory }: Checkout): Promise<string> {
  for (;;) {
    const directory = bundleDirectory()
    await sleep(clockTickMs)
    await bundle(join(draft, 'dist'), { sourceMaps: true })
    if (bundleDirectory() !== directory) continue
    await copyFile(join(root, 'package.json'), join(draft, 'package.json'))
    await symlink(join(root, 'fixtures'), join(draft, 'fixtures'))
    await writeFile(join(draft, 'redirect-sources.mjs'), redirectionText(root, directory))
    await chmod(draft, 0o755)
    await publish(draft, directory)
    await removeOldBundles(cache)
    return directory
  }
}

/** Renames the draft to a bundle. A concurrent start may have made the same bundle already. */
async function publish(draft: string, directory: string): Promise<void> {
  try {
    await rename(draft, directory)
  } catch (thrown) {
    if (!existsSync(directory)) throw thrown
  }
}

/**
 * Returns the text of a module that redirects imports of our sources to the bundle, for a config inside the checkout.
 */
function redirectionText(root: string, directory: string): string {
  const hooks = pathToFileURL(join(root, 'build/checkout/redirect-hooks.mjs'))
  const bundle = pathToFileURL(join(directory, 'dist/'))
  const urls = Object.entries(packageModules).map(([name, source]) => [
    pathToFileURL(join(root, source)),
    new URL(`${name}.js`, bundle),
  ])
  const data = JSON.stringify({ bundle, urls: Object.fromEntries(urls) }, null, 2)
  return `import { register } from 'node:module'\nregister('${hooks}', { data: ${data} })\n`
}

/** Removes old bundles, except bundles in use: a holder and the guardian name their bundle in the arguments. */
async function removeOldBundles(cache: string): Promise<void> {
  const { stdout } = spawnSync('ps', ['-e', '-ww', '-o', 'args='], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  if (!stdout) return
  const directories = (await readdir(cache)).map((name) => join(cache, name))
  for (const directory of directories.filter((path) => isOld(path) && !stdout.includes(path)))
    await rm(directory, { recursive: true, force: true })
}

/** Whether a bundle is old. A concurrent start may have renamed or removed the directory already. */
function isOld(directory: string): boolean {
  const stats = statSync(directory, { throwIfNoEntry: false })
  return stats !== undefined && Date.now() - stats.mtimeMs > keptMs
}
