/** A server that answers with the URL of the library of which it was told. */
import { createServer } from 'node:http'

createServer((_, response) => response.end(process.env.LIBRARY)).listen(Number(process.env.PORT), '127.0.0.1')
