/** One command for the run, and one for each slot, which answers with the text of a file. */
import { command, defineConfig } from 'test-services'

export default defineConfig({
  services: {
    server: command({ command: ['node', 'server.js'] }),
    front: command({ command: ['node', 'front.js'], needs: ['server'], files: ['text*.txt'] }),
  },
})
