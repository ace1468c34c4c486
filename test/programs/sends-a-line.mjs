// Sends a line to a port, and prints the answer, or the code of the error: sends-a-line.mjs PORT LINE
import { connect } from 'node:net'

const [port, line] = process.argv.slice(2)
const socket = connect(Number(port), '127.0.0.1')
socket.on('error', ({ code }) => console.log(code))
socket.on('data', (answer) => socket.end(console.log(String(answer).trimEnd())))
socket.write(`${line}\r\n`)
