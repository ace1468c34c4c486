// A service that leaves the file `started`.
import { command, defineConfig, ready } from 'test-services'

const script = 'touch started; echo up; exec sleep 600'

export default defineConfig({
  services: { noticed: command({ command: ['sh', '-c', script], port: false, ready: ready.log('up') }) },
})
