// A fixture: a container of the image in IMAGE, which is a Redis without a password. A reset empties the store.
import { once } from 'node:events'
import { connect } from 'node:net'
import { container } from 'test-services/fixtures/container'

async function reset({ port }) {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.write('FLUSHALL\r\n')
  await once(socket, 'data')
  socket.destroy()
}

export const options = { image: process.env.IMAGE, command: ['--protected-mode', 'no', '--save', ''] }
export const store = container({ ...options, reset })
