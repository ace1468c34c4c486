import { findPackage } from '../../host/modules/npm-package.ts'
import type { Candidates } from './finding.ts'

/** Finds a server in an npm package. */
export function findInPackage(name: string): Candidates {
  const found = findPackage(name)
  if (found === undefined) return { missing: `the npm package ${name} is not installed` }
  const { directory, version, tooOld } = found
  return tooOld ? { missing: tooOld } : [{ path: directory, tools: new Map(), askVersion: async () => version }]
}
