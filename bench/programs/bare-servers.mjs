// Servers started by hand, as a script of a project would: until the first answer, and until the end after a signal.
// Without credentials, and without clean-up after a crash.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { answer, timed } from './answer.mjs'
import { freePort } from './free-port.mjs'

const modules = join(import.meta.dirname, 'node_modules')
const get = (path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`
const mqttConnect = Buffer.from('100c00044d515454040200000000', 'hex')

/** How to start each server, what to send, and what its answer contains. */
const servers = {
  redis: {
    argv: (port) => ['redis-server', '--port', port, '--bind', '127.0.0.1', '--save', ''],
    ask: 'PING\r\n',
    answer: '+PONG',
  },
  memcached: { argv: (port) => ['memcached', '-l', '127.0.0.1', '-p', port], ask: 'version\r\n', answer: 'VERSION' },
  nats: {
    argv: (port, directory) => ['nats-server', '-a', '127.0.0.1', '-p', port, '-js', '-sd', directory],
    answer: 'INFO',
  },
  mosquitto: { argv: (port) => ['mosquitto', '-p', port], ask: mqttConnect, answer: '\x20\x02' },
  etcd: {
    argv: async (port, directory) => {
      const [client, peer] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${await freePort()}`]
      const clients = ['--listen-client-urls', client, '--advertise-client-urls', client]
      const peers = ['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer]
      return ['etcd', '--data-dir', directory, ...clients, ...peers, '--initial-cluster', `default=${peer}`]
    },
    ask: get('/health'),
    answer: '"true"',
  },
  mariadb: {
    argv: async (port, directory) => {
      prepared ??= await prepareMariadb(join(directory, '../prepared'))
      await run('cp', ['-r', prepared, join(directory, 'data')])
      const socket = `--socket=${directory}/socket`
      return [
        'mariadbd',
        '--no-defaults',
        `--datadir=${directory}/data`,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        socket,
      ]
    },
    answer: 'MariaDB',
  },
  openldap: {
    argv: async (port, directory) => {
      await mkdir(join(directory, 'data'))
      const database = `database mdb\nsuffix dc=example,dc=org\ndirectory ${directory}/data\n`
      await writeFile(
        join(directory, 'slapd.conf'),
        `include /etc/ldap/schema/core.schema\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\n${database}`,
      )
      return ['slapd', '-f', join(directory, 'slapd.conf'), '-h', `ldap://127.0.0.1:${port}`, '-d', '0']
    },
    ask: Buffer.from('300c020101600702010304008000', 'hex'),
    answer: '\x61',
  },
  smtp: {
    argv: (port) => node(`new (require('${modules}/smtp-server').SMTPServer)().listen(${port}, '127.0.0.1')`),
    answer: '220 ',
  },
  dynamodb: {
    argv: (port) => node(`require('${modules}/dynalite')().listen(${port}, '127.0.0.1')`),
    ask: get('/'),
    answer: 'HTTP/1.1',
  },
}

const run = promisify(execFile)
let prepared

async function prepareMariadb(directory) {
  await run('mariadb-install-db', [
    '--no-defaults',
    `--datadir=${directory}`,
    '--auth-root-authentication-method=normal',
  ])
  return directory
}

function node(program) {
  return [process.execPath, '--input-type=commonjs', '-e', program]
}

answer({
  round: async (name, parent) => {
    const server = servers[name]
    const directory = await mkdtemp(join(parent, 'bare-'))
    const port = await freePort()
    const [file, ...args] = await server.argv(String(port), directory)
    let child
    try {
      const startMs = await timed(async () => {
        child = spawn(file, args, {
          cwd: directory,
          stdio: 'ignore',
          env: { ...process.env, HOME: directory, PATH: `${process.env.PATH}:/usr/sbin` },
        })
        await untilAnswered(port, server, child)
      })
      const stopMs = await timed(() => end(child))
      return { startMs, stopMs }
    } finally {
      child?.kill('SIGKILL')
      await rm(directory, { recursive: true, force: true })
    }
  },
})

async function end(child) {
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

async function untilAnswered(port, server, child) {
  while (child.exitCode === null) {
    if ((await ask(port, server)).includes(server.answer)) return
    await pause(1)
  }
  throw new Error(`${child.spawnfile} ended with ${child.exitCode}`)
}

/** Returns the beginning of the answer; an empty text while nobody listens. */
async function ask(port, { ask: question, answer: expected }) {
  const socket = connect({ host: '127.0.0.1', port })
  let heard = ''
  try {
    await once(socket, 'connect')
    if (question) socket.write(question)
    for await (const data of socket) {
      heard += data.toString('latin1')
      if (heard.includes(expected)) break
    }
  } catch (error) {
    if (!['ECONNREFUSED', 'ECONNRESET'].includes(error.code)) throw error
  } finally {
    socket.destroy()
  }
  return heard
}
