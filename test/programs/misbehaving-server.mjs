// A web server that goes wrong in one way: misbehaving-server.mjs MISBEHAVIOUR [EXIT CODE]
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'

const [misbehaviour, exitCode = '1'] = process.argv.slice(2)

function exit(when) {
  console.log(`the misbehaving server exits ${when}`)
  process.exit(Number(exitCode))
}

/** Ignored signals stay ignored across exec: nothing but SIGKILL ends this `sleep`. */
function leaveChild() {
  const script = 'trap "" TERM INT HUP; exec sleep 120'
  spawn('/bin/sh', ['-c', script], { detached: true, stdio: 'ignore' }).unref()
}

if (misbehaviour === 'exits-before-listening') exit('before listening')
if (misbehaviour === 'leaves-a-child') leaveChild()
if (misbehaviour === 'never-listens') setInterval(() => {}, 60_000)
else listen()

function listen() {
  const server = createServer((request, response) => {
    if (misbehaviour === 'exits-on-request' && request.url === '/exit') exit('on request')
    response.end('served\n')
  })
  server.listen(Number(process.env.PORT), '127.0.0.1')
}
