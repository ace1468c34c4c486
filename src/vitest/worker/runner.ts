import { asError, StateError } from '../../kernel/errors.ts'

type Runner = Pick<typeof import('vitest'), 'afterAll' | 'beforeAll' | 'beforeEach' | 'inject' | 'onTestFinished'>

/**
 * Vitest as tests know it, which is only to be had in a worker: Vitest 3 throws when its config file, in which the
 * plugin stands, imports it, also by way of a package; and it costs the main process 20 ms.
 */
const present: Runner | undefined = '__vitest_worker__' in globalThis ? await import('vitest') : undefined

/** @throws ERR_STATE outside of a Vitest worker */
export function runner(): Runner {
  if (present) return present
  throw new StateError('test fixtures and useService() work in a test file that Vitest runs, and this is none')
}

/** Whether a test runs now. Vitest cannot tell that of a concurrent test after its first `await`. */
export function isInTest(): boolean {
  try {
    runner().onTestFinished(() => {})
    return true
  } catch (thrown) {
    // Vitest 3 and 4 have no code for it, nor another way to ask.
    if (/inside a test/.test(asError(thrown).message)) return false
    throw thrown
  }
}
