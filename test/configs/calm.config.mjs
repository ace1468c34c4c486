// A service that needs 300 ms to end in peace.
import { command, defineConfig, ready } from 'test-services'

const argv = [process.execPath, 'ends-in-peace.mjs']

export default defineConfig({ services: { calm: command({ command: argv, port: false, ready: ready.log('up') }) } })
