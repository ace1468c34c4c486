// Answers with its environment and its directory, as JSON; the port is in PORT.
import { createServer } from 'node:http'

const text = JSON.stringify({ environment: process.env, directory: process.cwd() })
createServer((_request, response) => response.end(text)).listen(Number(process.env.PORT), '127.0.0.1')
