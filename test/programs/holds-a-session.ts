import { Session } from '../../src/session/session.ts'

/** Runs an action in an environment that has left a process behind and writes into EXIT_FILE when it is exited; says so in one line of JSON, and waits. */
const session = new Session()
await session.enterEnvironment({
  id: 'daemon',
  embeddedFiles: { exit: { data: 'echo "exited with $SEEN" >> "$EXIT_FILE"' } },
  onEnter: { command: ['sh', '-c', 'echo openjd_env: SEEN=1; sleep 600 > /dev/null 2>&1 &'] },
  onExit: { command: ({ files }) => ['sh', files.exit ?? ''] },
})
const running = session.runAction({ command: ['sh', '-c', 'echo "openjd_status: $$"; exec sleep 600'] })
for await (const event of session) {
  if (event.kind === 'action' && event.status.statusMessage) {
    const pid = Number(event.status.statusMessage)
    process.stdout.write(`${JSON.stringify({ directory: session.workingDirectory, pid })}\n`)
  }
}
await running
