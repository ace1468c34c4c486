// Keeps notes in memory, by path: POST adds one, GET lists them, DELETE removes them; GET /paths lists the paths.
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'

const notes = new Map()
const server = createServer(async (request, response) => {
  const { method, url } = request
  if (method === 'POST') notes.set(url, [...(notes.get(url) ?? []), await text(request)])
  if (method === 'PUT') notes.set(url, [])
  if (method === 'DELETE') notes.delete(url)
  const answer = url === '/paths' ? [...notes.keys()] : (notes.get(url) ?? [])
  response.writeHead(200, { Connection: 'close' }).end(JSON.stringify(answer))
})
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('keeps notes'))
