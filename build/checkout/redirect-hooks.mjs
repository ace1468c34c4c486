// Runs in the thread in which Node resolves imports. Has those of our sources give the modules of a bundle.
import { readFile } from 'node:fs/promises'

let bundle = ''
let urls = {}

/** @param data the URL of the bundle, and the URLs of its modules by those of their sources */
export function initialize(data) {
  bundle = data.bundle
  urls = data.urls
}

export async function resolve(specifier, context, nextResolve) {
  const resolved = await nextResolve(specifier, context)
  const url = urls[resolved.url.replace(/\?.*$/, '')]
  return url ? { ...resolved, url, format: 'module' } : resolved
}

/** What the bundle holds is loaded as it is: `tsx` would replace its source maps. */
export async function load(url, context, nextLoad) {
  if (!url.startsWith(bundle)) return nextLoad(url, context)
  return { format: 'module', source: await readFile(new URL(url)), shortCircuit: true }
}
