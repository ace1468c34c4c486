// A service that says that it was told to stop, and does not stop for a minute.
import { command, defineConfig, ready } from 'test-services'

const script = "trap '' INT HUP; trap 'echo told' TERM; echo up; while :; do sleep 60 & wait $!; done"

export const mule = (graceMs) =>
  command({
    command: ['sh', '-c', script],
    port: false,
    ready: ready.log('up'),
    stop: [{ signal: 'SIGTERM', graceMs }],
  })

export default defineConfig({ services: { mule: mule(60_000) } })
