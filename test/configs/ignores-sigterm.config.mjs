// A service that ignores SIGTERM.
import { command, defineConfig, ready } from 'test-services'

const script = "trap '' TERM; echo up; while :; do sleep 60 & wait $!; done"

export default defineConfig({
  services: { mule: command({ command: ['sh', '-c', script], port: false, ready: ready.log('up') }) },
})
