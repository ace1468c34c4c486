// Listens on a unix socket: serves-socket.mjs PATH
import { createServer } from 'node:net'

createServer().listen(process.argv[2])
