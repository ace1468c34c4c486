import { asError, StateError } from '../../kernel/errors.ts'
import { loadTestFunctions, type TestFunctions } from './test-functions.ts'

type Runner = Pick<typeof import('vitest'), 'afterAll' | 'beforeAll' | 'beforeEach' | 'inject' | 'onTestFinished'>

/**
 * The module of Vitest that tests import; present only in a worker. Vitest 3 throws when its config file, which
 * contains the plugin, imports the module, even through a package; and the import costs the main process 20 ms.
 */
const present: Runner | undefined = '__vitest_worker__' in globalThis ? await import('vitest') : undefined

export const testFunctions: TestFunctions | undefined = present && (await loadTestFunctions())

/** @throws ERR_STATE outside of a Vitest worker */
export function runner(): Runner {
  if (present) return present
  throw new StateError('test fixtures and useService() work in a test file that Vitest runs, and this is none')
}

/** Whether a test runs now. Vitest does not recognise a concurrent test after the test's first `await`. */
export function isInTest(): boolean {
  try {
    runner().onTestFinished(() => {})
    return true
  } catch (thrown) {
    // Vitest 3 and 4 have no error code for this case, nor a way to ask.
    if (/inside a test/.test(asError(thrown).message)) return false
    throw thrown
  }
}
