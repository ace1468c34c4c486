// Blocks the event loop of its holder at SIGUSR2, until the file `wake` is there.
import { existsSync } from 'node:fs'
import { command, defineConfig, ready } from 'test-services'

const cell = new Int32Array(new SharedArrayBuffer(4))
process.on('SIGUSR2', () => {
  console.error('blocked')
  while (!existsSync('wake')) Atomics.wait(cell, 0, 0, 5)
})

export default defineConfig({ services: { web: command({ command: ['perl', 'server.pl'], ready: ready.http('/') }) } })
