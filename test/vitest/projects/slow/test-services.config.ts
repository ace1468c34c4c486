import { command, defineConfig } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'

export default defineConfig({
  services: {
    library: librarian(),
    api: command({ command: ['node', 'server.js'], needs: ['library'], scope: 'slot' }),
  },
})
