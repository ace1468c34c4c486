import { command, defineConfig } from 'test-services'
import { keeper } from './keeper.ts'

export default defineConfig({
  services: {
    server: command({ command: ['node', 'server.js'] }),
    other: command({ command: ['node', 'server.js'] }),
    front: command({ command: ['node', 'server.js'], needs: ['server'] }),
    keeper: keeper(),
  },
})
