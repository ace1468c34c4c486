// A script that the foreground command starts again once.
import { defineConfig, script } from 'test-services'

const text = 'echo openjd_service_ready: listening; echo at work; exec sleep 600'
const api = script({
  onRun: { command: ['sh', '-c', text] },
  healthCheck: { type: 'STDOUT' },
  restartPolicy: { maxAttempts: 1 },
})

export default defineConfig({ services: { api } })
