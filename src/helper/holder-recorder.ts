import { offeredBy, type Stack } from '../config/stack.ts'
import { timestamp } from '../kernel/clock.ts'
import { valueUnless } from '../kernel/value-unless.ts'
import type { Run } from '../run/run.ts'
import type { ExternalService } from '../service/external-service.ts'
import { defaultPrefix } from '../service/instance/variables.ts'
import type { SessionEvent } from '../session/events.ts'
import { exportedVariables, ownVariables } from '../session/exported-variables.ts'
import type { Session } from '../session/session.ts'
import {
  configDigest,
  type HeldService,
  type HolderRecord,
  type Origin,
  projectPath,
  writeHolderRecord,
} from './holder-record.ts'

interface RecordedResource {
  readonly kind: HolderRecord['kind']
  readonly stack: Stack
  readonly name: string
  readonly profile: string | undefined
  readonly run: Run
  readonly session: Session
  readonly controlSocket: string
}

/** Keeps the record of a holder up to date while its session starts, runs and ends. */
export class HolderRecorder {
  readonly #recorded: RecordedResource
  readonly #origin: Origin
  readonly #startedAt = timestamp()
  readonly #readyAt = new Map<string, string>()
  readonly #starting = new Set<string>()
  #state: HolderRecord['state'] = 'starting'

  constructor(recorded: RecordedResource) {
    this.#recorded = recorded
    this.#origin = originOf(recorded)
  }

  /** Records the events for readers in other processes. Omits progress, which comes often. */
  onEvent(event: SessionEvent): void {
    if (event.kind === 'starting') this.#starting.add(event.service)
    else if (event.kind === 'ready') this.#becameReady(event.service)
    // A restarted service has a different pid.
    else if (event.kind !== 'health' || !event.restart) return
    whereThereIsRoom(() => this.#write())
  }

  /** @throws ENOSPC and similar, because nobody would find a holder without a record */
  record(state: 'starting' | 'ready'): void {
    this.#state = state
    this.#write()
  }

  stops(): void {
    this.#state = 'stopping'
    whereThereIsRoom(() => this.#write())
  }

  #becameReady(service: string): void {
    this.#starting.delete(service)
    this.#readyAt.set(service, timestamp())
  }

  #write(): void {
    const { kind, stack, name, run, session, controlSocket } = this.#recorded
    writeHolderRecord(run.directory, {
      kind,
      origin: this.#origin,
      project: projectPath(stack.project),
      name,
      prefix: stack.prefix,
      state: this.#state,
      startedAt: this.#startedAt,
      controlSocket,
      // The config's own variables need all services, so they are made once, when all services are up.
      variables: this.#state === 'starting' ? ownVariables(session) : exportedVariables(session),
      services: [...session.services].map(([service, instance]) => this.#heldService(service, instance)),
      starting: [...this.#starting],
    })
  }

  #heldService(name: string, service: ExternalService<object>): HeldService {
    const { url } = service.serviceConfig as { url?: unknown }
    return {
      name,
      label: service.label,
      kind: this.#recorded.stack.config.services[name]?.kind ?? name,
      pid: service.pid,
      url: typeof url === 'string' && url !== '' ? service.redact(url) : undefined,
      logFile: service.files.logFile,
      readyAt: this.#readyAt.get(name) ?? timestamp(),
    }
  }
}

function originOf({ stack, profile }: RecordedResource): Origin {
  const { project, config, directory } = stack
  const fixed = Object.values(config.services).filter(({ restartsOnChange }) => !restartsOnChange)
  const files = { patterns: fixed.flatMap(({ files = [] }) => files), directory }
  return {
    offered: offeredBy(stack),
    prefix: config.prefix ?? defaultPrefix,
    profile,
    files,
    configDigest: configDigest(project),
  }
}

/** Ignores a full disk, which is no reason to stop the holder: readers see the last record. */
function whereThereIsRoom(write: () => void): void {
  valueUnless(['ENOSPC', 'EDQUOT'], write)
}
