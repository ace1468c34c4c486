import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

type Run = () => unknown

/** The functions of Vitest's tests: what Vitest runs for a test, within the time of the test. */
export interface TestFunctions {
  getFn(task: object): Run | undefined
  setFn(task: object, run: Run): void
}

/**
 * Loads Vitest's table of functions; absent in a Vitest that has no such table. Of its public names, `vitest/suite` prints
 * a warning from 4.1 on, and `TestRunner.setTestFn` sets nothing in 4.1.
 */
export async function loadTestFunctions(): Promise<TestFunctions | undefined> {
  try {
    const vitest = createRequire(import.meta.url).resolve('vitest/package.json')
    const { href } = pathToFileURL(createRequire(vitest).resolve('@vitest/runner'))
    return (await import(href)) as TestFunctions
  } catch {
    return undefined
  }
}
