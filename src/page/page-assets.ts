import { readFile } from 'node:fs/promises'
import { isCompiled } from '../kernel/package-modules.ts'
import type { PageAssets, PageName } from './page-scripts.ts'

/** Returns the script and the style from the build; compiles both now where the sources run directly. */
export async function pageAssets(name: PageName): Promise<PageAssets> {
  if (!isCompiled) return (await import('./compile-page.ts')).compilePage(name)
  const read = (extension: string): Promise<string> =>
    readFile(new URL(`./pages/${name}.${extension}`, import.meta.url), 'utf8')
  return { script: await read('js'), style: await read('css') }
}
