// Plays DynamoDB local: a database for each access key, in memory. `GET /` lists the keys of those with tables.
import { createServer } from 'node:http'
import dynalite from 'dynalite'

const databases = new Map()

function databaseOf(key) {
  const made = dynalite({ createTableMs: 1, deleteTableMs: 1, updateTableMs: 1 })
  return databases.get(key) ?? databases.set(key, { made, tables: new Set() }).get(key)
}

function noteTable({ tables }, request, body) {
  const { TableName } = JSON.parse(body || '{}')
  const operation = request.headers['x-amz-target']?.split('.')[1]
  if (operation === 'CreateTable') tables.add(TableName)
  if (operation === 'DeleteTable') tables.delete(TableName)
}

createServer((request, response) => {
  if (request.method === 'GET') {
    const keys = [...databases].filter(([, { tables }]) => tables.size > 0).map(([key]) => key)
    response.end(JSON.stringify(keys))
    return
  }
  const [, key] = /Credential=([^/,]+)/.exec(request.headers.authorization ?? '') ?? []
  const database = databaseOf(key)
  let body = ''
  request.on('data', (chunk) => {
    body += chunk
  })
  request.on('end', () => noteTable(database, request, body))
  database.made.emit('request', request, response)
}).listen(8000, '0.0.0.0')
