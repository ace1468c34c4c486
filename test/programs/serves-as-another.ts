import { script } from '../../src/index.ts'
import { Session } from '../../src/session.ts'

/** Sets up a server that runs as the user in its first argument, and says how that went. */
const [user = ''] = process.argv.slice(2)
const server = `require('node:http').createServer().listen(process.env.PORT, '127.0.0.1')`
const one = script({ user, ports: { http: {} }, onRun: { command: [process.execPath, '-e', server] } })
const session = new Session({ services: { one } })
const outcome = await session.enter({ timeoutMs: 5_000 }).then(
  () => 'ready',
  (thrown: Error) => thrown.message,
)
console.log(outcome.split('\n')[0])
await session.end()
