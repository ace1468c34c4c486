import { command, defineConfig } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'

export default defineConfig({
  services: {
    early: librarian(),
    library: command({ command: ['node', '-e', 'setInterval(() => {}, 1_000)'] }),
  },
})
