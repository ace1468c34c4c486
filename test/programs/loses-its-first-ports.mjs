// Finds its port taken as often as it is told: loses-its-first-ports.mjs COUNTER-FILE TIMES
import { appendFileSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const [counterFile, times] = process.argv.slice(2)
appendFileSync(counterFile, `${process.env.PORT}\n`)
const tries = readFileSync(counterFile, 'utf8').trim().split('\n').length
if (tries <= Number(times)) {
  console.error(`listen EADDRINUSE: address already in use 127.0.0.1:${process.env.PORT}`)
  process.exit(1)
}
createServer((_request, response) => response.end()).listen(Number(process.env.PORT), '127.0.0.1')
