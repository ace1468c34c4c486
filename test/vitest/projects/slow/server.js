import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

console.log('reads its data')
await pause(Number(process.env.START_MS ?? 2_500))
createServer((_, response) => response.end('here')).listen(process.env.PORT)
