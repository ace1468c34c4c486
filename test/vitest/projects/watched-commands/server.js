import { createServer } from 'node:http'

createServer((request, response) => {
  if (request.url === '/crash') process.exit(1)
  response.end('one')
}).listen(Number(process.env.PORT), '127.0.0.1')
