import { readFileSync } from 'node:fs'
import { isCompiled } from '../kernel/package-modules.ts'
import type { PageAssets, PageName } from './page-scripts.ts'

/** Returns the assets from the build; compiles both now where the sources run directly. */
export async function pageAssets(name: PageName): Promise<PageAssets> {
  if (!isCompiled) return (await import('./compile-page.ts')).compilePage(name)
  const read = (extension: string): string =>
    readFileSync(new URL(`./pages/${name}.${extension}`, import.meta.url), 'utf8')
  return { script: read('js'), style: read('css'), scriptHash: read('sha256') }
}
