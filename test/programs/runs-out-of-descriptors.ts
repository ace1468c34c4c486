import { closeSync, openSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { command } from '../../src/index.ts'
import { hasCode } from '../../src/kernel/errors.ts'
import { Session } from '../../src/session.ts'

/** Has no descriptor left when its service is to be looked at, a moment after the start; then ends it. */
await using session = new Session({ services: { one: command({ command: ['sleep', '600'], port: false }) } })
await session.enter()
const descriptors = takeAll()
for (let round = 0; round < 30; round++) {
  await pause(10)
  descriptors.push(...takeAll()) // what the start gives back
}
for (const descriptor of descriptors) closeSync(descriptor)
await session.end()
process.stdout.write('all is ended\n')

function takeAll(): number[] {
  const taken: number[] = []
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'))
  } catch (thrown) {
    if (!hasCode(thrown, 'EMFILE')) throw thrown
    return taken
  }
}
