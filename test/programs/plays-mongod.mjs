#!/usr/bin/env node
// Plays MongoDB's server as far as the fixture asks it: the wire protocol (OP_MSG), users with SCRAM-SHA-256, and
// collections in memory. `--version` answers as the server does. Prints its config.
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { BSON } from 'mongodb'

if (process.argv.includes('--version')) {
  console.log('db version v8.0.0')
  process.exit()
}
const config = JSON.parse(readFileSync(process.argv[process.argv.indexOf('--config') + 1], 'utf8'))
console.log(JSON.stringify(config))

/** Salt and salted password of each user, in base64, by database and name. They outlive a restart. */
const usersFile = `${config.storage.dbPath}/users.json`
const users = new Map(existsSync(usersFile) ? JSON.parse(readFileSync(usersFile, 'utf8')) : [])
const keepUsers = () => writeFileSync(usersFile, JSON.stringify([...users]))
/** Collections of each database: documents, by name. */
const databases = new Map()
let isInitiated = config.replication === undefined || users.size > 0

const iterations = 4096
const maxBsonObjectSize = 16 * 1024 * 1024
const mac = (key, text) => createHmac('sha256', key).update(text).digest()
const collectionsOf = ($db) => databases.get($db) ?? databases.set($db, new Map()).get($db)
const documentsOf = ({ $db }, name) => collectionsOf($db).get(name) ?? collectionsOf($db).set(name, []).get(name)
const cursor = ({ $db }, name, firstBatch) => ({ cursor: { id: 0n, ns: `${$db}.${name}`, firstBatch } })
const failed = (code, errmsg) => ({ ok: 0, code, errmsg })

/** Commands that a client without a user may send; those of administration only until the first user is there. */
const open = ['hello', 'isMaster', 'ismaster', 'ping', 'saslStart', 'saslContinue', 'endSessions']

const commands = {
  hello: () => ({
    isWritablePrimary: isInitiated,
    helloOk: true,
    maxBsonObjectSize,
    maxMessageSizeBytes: 3 * maxBsonObjectSize,
    maxWriteBatchSize: 100_000,
    minWireVersion: 0,
    maxWireVersion: 25,
    ...(config.replication && isInitiated && { setName: config.replication.replSetName, hosts: [] }),
  }),
  ping: () => ({}),
  endSessions: () => ({}),
  replSetInitiate() {
    isInitiated = true
    return {}
  },
  createUser({ createUser, pwd, $db }) {
    const salt = randomBytes(28)
    const salted = pbkdf2Sync(pwd, salt, iterations, 32, 'sha256')
    users.set(`${$db}.${createUser}`, { salt: salt.toString('base64'), salted: salted.toString('base64') })
    keepUsers()
    return {}
  },
  dropUser({ dropUser, $db }) {
    if (!users.delete(`${$db}.${dropUser}`)) return failed(11, `User '${dropUser}' not found`)
    keepUsers()
    return {}
  },
  saslStart({ payload, $db }, connection) {
    const first = payload.toString().slice('n,,'.length)
    const [, name = '', nonce = ''] = /^n=(.*),r=(.*)$/.exec(first) ?? []
    const user = users.get(`${$db}.${name}`)
    if (!user) return failed(18, 'Authentication failed.')
    const second = `r=${nonce}${randomBytes(18).toString('base64')},s=${user.salt},i=${iterations}`
    connection.conversation = { user, $db, messages: `${first},${second}` }
    return { conversationId: 1, done: false, payload: Buffer.from(second) }
  },
  saslContinue({ payload }, connection) {
    const { user, $db, messages } = connection.conversation
    const [, last = '', proof = ''] = /^(.*),p=(.*)$/.exec(payload.toString()) ?? []
    const text = `${messages},${last}`
    const salted = Buffer.from(user.salted, 'base64')
    const clientKey = mac(salted, 'Client Key')
    const signature = mac(createHash('sha256').update(clientKey).digest(), text)
    const expected = clientKey.map((byte, index) => byte ^ signature[index])
    if (proof !== Buffer.from(expected).toString('base64')) return failed(18, 'Authentication failed.')
    connection.database = $db
    const verified = mac(mac(salted, 'Server Key'), text).toString('base64')
    return { conversationId: 1, done: true, payload: Buffer.from(`v=${verified}`) }
  },
  listCollections: (body) =>
    cursor(
      body,
      '$cmd.listCollections',
      [...collectionsOf(body.$db).keys()].map((name) => ({ name, type: 'collection' })),
    ),
  usersInfo: () => ({ users: [...users.keys()].map((user) => ({ user })) }),
  listDatabases: () => ({ databases: [...databases.keys()].map((name) => ({ name })) }),
  insert(body) {
    documentsOf(body, body.insert).push(...body.documents)
    return { n: body.documents.length }
  },
  find: (body) => cursor(body, body.find, documentsOf(body, body.find)),
  delete: (body) => ({ n: documentsOf(body, body.delete).splice(0).length }),
  dropDatabase({ $db }) {
    databases.delete($db)
    return {}
  },
}

function answer(body, connection) {
  const [name] = Object.keys(body)
  const command = commands[/^ismaster$/i.test(name) ? 'hello' : name]
  if (!command) return failed(59, `no such command: '${name}'`)
  const isAllowed = open.includes(name) || users.size === 0 || ['admin', body.$db].includes(connection.database)
  return isAllowed ? command(body, connection) : failed(13, `command ${name} requires authentication`)
}

const legacyOpcode = 2004

/** Reads the first message of a connection, which is of an older form (OP_QUERY). */
function parseLegacy(message) {
  const start = message.indexOf(0, 20) + 9
  return {
    ...BSON.deserialize(message.subarray(start, start + message.readInt32LE(start)), { promoteBuffers: true }),
    $db: 'admin',
  }
}

/** Reads a message: the header, four bytes of flags, the body, and documents that follow by name. */
function parse(message) {
  if (message.readInt32LE(12) === legacyOpcode) return parseLegacy(message)
  let at = 20
  let body = {}
  const lists = {}
  while (at < message.length) {
    const kind = message[at++]
    const size = message.readInt32LE(at)
    const section = message.subarray(at, at + size)
    at += size
    if (kind === 0) body = BSON.deserialize(section, { promoteBuffers: true })
    else {
      const end = section.indexOf(0, 4)
      const documents = []
      for (let next = end + 1; next < size; next += section.readInt32LE(next))
        documents.push(BSON.deserialize(section.subarray(next, next + section.readInt32LE(next))))
      lists[section.toString('utf8', 4, end)] = documents
    }
  }
  return { ...body, ...lists }
}

function reply(request, body) {
  const document = BSON.serialize({ ok: 1, ...body })
  const isLegacy = request.readInt32LE(12) === legacyOpcode
  const start = isLegacy ? 36 : 21
  const message = Buffer.alloc(start + document.length)
  const header = [message.length, 1, request.readInt32LE(4), isLegacy ? 1 : 2013]
  for (const [index, value] of header.entries()) message.writeInt32LE(value, 4 * index)
  if (isLegacy) message.writeInt32LE(1, 32)
  message.set(document, start)
  return message
}

createServer((socket) => {
  const connection = {}
  let received = Buffer.alloc(0)
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk])
    while (received.length >= 4 && received.length >= received.readInt32LE(0)) {
      const message = received.subarray(0, received.readInt32LE(0))
      received = received.subarray(message.length)
      socket.write(reply(message, answer(parse(message), connection)))
    }
  })
}).listen(config.net.port, config.net.bindIp)
