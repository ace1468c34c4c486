// Answers every request with a status: serves-http.mjs [HOST] [STATUS]
import { createServer } from 'node:http'

const [host = '127.0.0.1', status = '200'] = process.argv.slice(2)
const server = createServer((_request, response) => response.writeHead(Number(status)).end('served\n'))
server.listen(Number(process.env.PORT), host, () => console.log(`listening on ${server.address().port}`))
