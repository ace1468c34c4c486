import { readFileSync } from 'node:fs'
import { tell } from '../support.ts'
import { test } from './test.ts'

/** Declares a test that reports its slot, and how the environment names it. */
export function declareTest(): void {
  const before = process.env.LIBRARY_URL
  const beforeLp = process.env.LP_LIBRARY_URL

  test('tells', ({ library }) => {
    const { url, instanceId, storageDirectory } = library.serviceConfig
    tell({
      ...{ url, instanceId, storageDirectory },
      ...{ before, beforeLp },
      during: process.env.LIBRARY_URL,
      duringLp: process.env.LP_LIBRARY_URL,
      inFile: JSON.parse(readFileSync(process.env.LP_LIBRARY_CONFIGFILE ?? '', 'utf8')).url,
      amongAll: JSON.parse(process.env.LP_URLS ?? '{}').library,
      labels: process.env.LP_PERSISTENT_TEST_SERVICES,
    })
  })
}
