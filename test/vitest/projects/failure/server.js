/** A server that writes to its log whatever it is sent. */
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'

const server = createServer(async (request, response) =>
  process.stdout.write(await text(request), () => response.end()),
)
// Before the port is open: a later line could belong to the first test.
console.log('starting')
server.listen(Number(process.env.PORT), '127.0.0.1')
