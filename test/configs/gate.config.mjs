// A service that is ready when the file `opened` is beside the config.
import { command, defineConfig, ready } from 'test-services'

const program = `
  const { existsSync } = require('fs')
  const look = setInterval(() => { if (existsSync('${import.meta.dirname}/opened')) { clearInterval(look); console.log('up') } }, 10)
  setInterval(() => {}, 1000)`
const gate = command({ command: [process.execPath, '-e', program], port: false, ready: ready.log('up') })

export default defineConfig({ services: { gate } })
