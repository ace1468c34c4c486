import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const text = readFileSync('text.txt', 'utf8').trim()

createServer((_, response) => response.end(text)).listen(Number(process.env.PORT), '127.0.0.1')
