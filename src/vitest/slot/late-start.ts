import { monotonicMs } from '../../kernel/clock.ts'
import { ServiceError } from '../../kernel/errors.ts'
import type { ExternalService } from '../../service/external-service.ts'
import { logSince } from '../../service/instance/log-excerpt.ts'

const shownLines = 10

/** The services of a slot that are starting now. */
export class LateStarts {
  readonly #sinceMs = new Map<ExternalService<object>, number>()

  async watch(service: ExternalService<object>, start: Promise<void>): Promise<void> {
    this.#sinceMs.set(service, monotonicMs())
    try {
      await start
    } finally {
      this.#sinceMs.delete(service)
    }
  }

  /** Returns errors for a failed test: Vitest itself says only that the time of the test or of its hook was over. */
  errors(): ServiceError[] {
    return [...this.#sinceMs].map(([service, sinceMs]) => {
      const { label } = service
      const logTail = logSince(service).trimEnd().split('\n').slice(-shownLines).join('\n')
      const message =
        `${label} was still starting when the test failed, ${Math.round(monotonicMs() - sinceMs)} ms after its start began. ` +
        'A service that is first used in a hook starts within hookTimeout: raise it, or call useService() at the top of the file, which starts the service before the tests'
      return new ServiceError('ERR_NOT_READY', message, { label, logTail })
    })
  }
}
