// Logs the body of every request as it is: logs-requests.mjs
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'

const server = createServer(async (request, response) => {
  process.stdout.write(await text(request), () => response.end())
})
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'))
