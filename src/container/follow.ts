import { fstatSync, writeSync } from 'node:fs'
import { constants } from 'node:os'
import { sleep } from '../kernel/deadline.ts'
import { asError, hasCode } from '../kernel/errors.ts'
import { parseJson } from '../kernel/parse-json.ts'
import { poll } from '../kernel/poll.ts'
import { type ContainerIdentity, type ContainerState, inspectContainer, signalContainer } from './container.ts'
import { Engine } from './engine.ts'
import { createFrameReader } from './log-frames.ts'

/**
 * A program in place of a container: writes the container's output to standard output, passes signals on, and ends like
 * the container. The program outlives a restart of the engine; containers run on during a restart.
 */

const forwarded = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const
const pauses = { firstMs: 50, lastMs: 1_000 } as const
const signalBase = 128
/** Exit status without a container to follow. */
const lostStatus = 125

const identity = parseJson(process.argv[2] ?? '') as ContainerIdentity
const engine = new Engine(identity.engine)
const output = 1
/** Written bytes of the container's output. The log may continue the log of an earlier start. */
let written = fstatSync(output).size

for (const signal of forwarded)
  process.on(signal, () => void signalContainer(engine, identity.name, signal).catch(() => {}))

const over = new AbortController()
const following = followLog()
const ended = await untilEnded()
over.abort()
await following
await copyLog('follow=0').catch(report)
endLike(ended)

/** Waits for the end; asks again after each loss of the connection. Returns `undefined` if the container is gone. */
function untilEnded(): Promise<ContainerState | null> {
  return poll(pauses, async () => {
    const waiting = await engine.open(`/containers/${identity.name}/wait`, { method: 'POST' }).catch(unlessUnreachable)
    await waiting?.resume().toArray().catch(unlessUnreachable)
    const state = await inspectContainer(engine, identity).catch(unlessUnreachable)
    if (state === undefined && waiting !== undefined) return null
    return state && !state.isRunning ? state : undefined
  })
}

async function followLog(): Promise<void> {
  for (let pauseMs: number = pauses.firstMs; !over.signal.aborted; pauseMs = Math.min(2 * pauseMs, pauses.lastMs)) {
    await copyLog('follow=1').catch(unlessUnreachable)
    await sleep(pauseMs, over.signal).catch(() => {})
  }
}

/** Copies the log from where the last copy ended. */
async function copyLog(how: string): Promise<void> {
  const path = `/containers/${identity.name}/logs?stdout=1&stderr=1&${how}`
  const signal = how === 'follow=1' ? over.signal : undefined
  const stream = await engine.open(path, { signal })
  if (stream.statusCode !== 200) return void stream.destroy()
  const read = createFrameReader()
  let position = 0
  for await (const chunk of stream) {
    const bytes = Buffer.concat(read(chunk as Buffer).map((frame) => frame.bytes))
    const isNew = bytes.subarray(Math.max(0, written - position))
    position += bytes.length
    writeSync(output, isNew)
    written += isNew.length
  }
}

/** Ignores errors of a stopped engine, also errors of a stream ended by the end of the engine. */
function unlessUnreachable(thrown: unknown): undefined {
  const error = asError(thrown)
  const isEngine = hasCode(error, 'ERR_CONTAINER', 'ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE', 'ABORT_ERR')
  if (!isEngine && !/socket hang up|aborted/.test(error.message)) throw thrown
}

function report(thrown: unknown): void {
  writeSync(2, `${asError(thrown).message}\n`)
}

function endLike(state: ContainerState | null): void {
  if (state === null) {
    writeSync(2, `the container ${identity.name} has been removed\n`)
    process.exit(lostStatus)
  }
  const number = state.exitCode - signalBase
  const [signal] = Object.entries(constants.signals).find(([, value]) => value === number) ?? []
  if (signal !== 'SIGKILL' && signal !== 'SIGTERM' && signal !== 'SIGINT') process.exit(state.exitCode)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}
