// A server whose child leaves its session and is ended by SIGKILL only, and a program with a claimed port.
import { command, defineConfig } from 'test-services'

export default defineConfig({
  services: {
    stray: command({ command: [process.execPath, 'misbehaving-server.mjs', 'leaves-a-child'] }),
    web: command({ command: ['perl', 'server.pl'] }),
  },
})
