import { script } from '../../src/service/script/script.ts'
import { Session } from '../../src/session/session.ts'

/** Starts a script whose server runs on, tells its pid, and comes to its end without stopping it. */
const server = script({
  onRun: { command: ['sh', '-c', 'echo openjd_service_ready: listening; exec sleep 600'] },
  healthCheck: { type: 'STDOUT', healthIntervalMs: 600_000 },
})
const session = new Session({ services: { server } })
await session.enter()
process.stdout.write(`${session.services.get('server')?.pid}\n`)
