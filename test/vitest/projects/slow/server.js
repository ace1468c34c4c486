import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

console.log('reads its data')
await pause(2_500)
createServer((_, response) => response.end('here')).listen(process.env.PORT)
