// A service that says something when it is stopped.
import { command, defineConfig, ready } from 'test-services'

const program = `
  console.log('first')
  process.on('SIGTERM', () => { console.log('last words'); process.exit() })
  setInterval(() => {}, 1000)`
const talker = command({ command: [process.execPath, '-e', program], port: false, ready: ready.log('first') })

export default defineConfig({ services: { talker } })
