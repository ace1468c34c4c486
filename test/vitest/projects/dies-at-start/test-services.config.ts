import { command, defineConfig } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'

const script = 'console.log("no licence found"); process.exit(3)'

export default defineConfig({ services: { good: librarian(), library: command({ command: ['node', '-e', script] }) } })
