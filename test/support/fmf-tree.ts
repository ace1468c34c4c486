import { type FmfSearch, fmfList } from '../../src/fmf/fmf-list.ts'
import { type WrittenFiles, writtenFiles } from './written-files.ts'

/** Writes a tree for the running test, and returns its directory; a file of format version 1 is added. */
export function fmfTree(files: WrittenFiles): string {
  return writtenFiles({ '.fmf/version': '1\n', ...files })
}

/** Returns the data of the listed nodes by their names. */
export async function listed(files: WrittenFiles, search?: FmfSearch): Promise<Record<string, unknown>> {
  const nodes = await fmfList(fmfTree(files), search)
  return Object.fromEntries(nodes.map(({ name, data }) => [name, data]))
}
