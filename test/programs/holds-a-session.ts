import { Session } from '../../src/session/session.ts'

/** Runs an action in an entered environment that has left a process behind, says so in one line of JSON, and waits. */
const session = new Session()
await session.enterEnvironment({ id: 'daemon', onEnter: { command: ['sh', '-c', 'sleep 600 > /dev/null 2>&1 &'] } })
const running = session.runAction({ command: ['sh', '-c', 'echo "openjd_status: $$"; exec sleep 600'] })
for await (const event of session) {
  if (event.kind === 'action' && event.status.statusMessage) {
    const pid = Number(event.status.statusMessage)
    process.stdout.write(`${JSON.stringify({ directory: session.workingDirectory, pid })}\n`)
  }
}
await running
