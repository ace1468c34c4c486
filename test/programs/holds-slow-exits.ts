import { Session } from '../../src/session/session.ts'

/** Enters as many environments as its argument says, whose exits write into EXIT_FILE and never end; says so, and waits. */
const session = new Session()
for (let number = 1; number <= Number(process.argv[2]); number++) {
  const text = `echo "exit ${number}" >> "$EXIT_FILE"; (setsid sleep 600 > /dev/null 2>&1 &); trap "" TERM; sleep 600`
  await session.enterEnvironment({ id: `${number}`, onExit: { command: ['sh', '-c', text] } })
}
process.stdout.write(`${JSON.stringify({ directory: session.workingDirectory })}\n`)
setInterval(() => {}, 60_000)
