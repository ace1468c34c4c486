import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { build, type Metafile } from 'esbuild'
import { type PageAssets, type PageName, pageScripts } from './page-scripts.ts'

export interface CompiledPage extends PageAssets {
  readonly metafile: Metafile
}

/** Compiles the script and the style of a page for browsers. Runs in a checkout and in the build only. */
export async function compilePage(name: PageName): Promise<CompiledPage> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: fileURLToPath(new URL('../..', import.meta.url)),
    entryPoints: [pageScripts[name]],
    outdir: 'pages',
    write: false,
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: ['chrome123', 'firefox120', 'safari17.5'],
    // The page is ASCII, except for its data.
    charset: 'ascii',
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
  })
  const textOf = (extension: string): string =>
    outputFiles.find(({ path }) => path.endsWith(extension))?.text.trim() ?? ''
  const script = textOf('.js')
  const scriptHash = createHash('sha256').update(script).digest('base64')
  return { script, style: textOf('.css'), scriptHash, metafile }
}
