import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'

/** Writes the licenses of the bundled packages, which demand to be included in every copy. */
export async function writeLicenses(metafiles: readonly Metafile[], root: string, file: string): Promise<void> {
  const inputs = metafiles.flatMap((metafile) => Object.keys(metafile.inputs))
  const paths = inputs.map((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0])
  const packages = new Set(paths.filter((path) => path !== undefined).sort())
  const texts = await Promise.all([...packages].map((path) => licenseOf(root, path)))
  await writeFile(file, texts.join('\n\n'))
}

async function licenseOf(root: string, path: string): Promise<string> {
  const names = await readdir(join(root, path))
  const name = names.find((candidate) => /^licen[cs]e/i.test(candidate))
  const text = name ? await readFile(join(root, path, name), 'utf8') : await declaredLicense(join(root, path))
  return `${path.replace('node_modules/', '')}\n\n${text}`
}

async function declaredLicense(directory: string): Promise<string> {
  return JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')).license
}
