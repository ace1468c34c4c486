// Runs in Node's thread for module resolution. Redirects imports of our sources to the modules of a bundle.
import { readFile } from 'node:fs/promises'

let bundle = ''
let urls = {}

/** @param data the URL of the bundle, and the URL of a bundled module for each source's URL */
export function initialize(data) {
  bundle = data.bundle
  urls = data.urls
}

export async function resolve(specifier, context, nextResolve) {
  const resolved = await nextResolve(specifier, context)
  const url = urls[resolved.url.replace(/\?.*$/, '')]
  return url ? { ...resolved, url, format: 'module' } : resolved
}

/** Loads bundled modules unchanged: `tsx` would replace the source maps. */
export async function load(url, context, nextLoad) {
  if (!url.startsWith(bundle)) return nextLoad(url, context)
  return { format: 'module', source: await readFile(new URL(url)), shortCircuit: true }
}
