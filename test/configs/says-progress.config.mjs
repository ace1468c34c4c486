// A script that reports its progress and a secret.
import { defineConfig, script } from 'test-services'

const lines = [
  ...['openjd_status: seeding', 'openjd_progress: 40'],
  ...['openjd_redacted_env: KEY=sesame', 'openjd_env: URL=http://h/?k=sesame'],
]

export default defineConfig({ services: { db: script({ onEnter: { command: ['printf', '%s\\n', ...lines] } }) } })
