// `first` is ready at once, `late` when the file `go` is beside the config.
import { command, defineConfig, ready } from 'test-services'

const node = (program, options) =>
  command({ command: [process.execPath, '-e', program], port: false, ready: ready.log('here'), ...options })
const lives = 'console.log("here"); setInterval(() => {}, 1000)'
const waits = `setInterval(() => require('fs').existsSync('${import.meta.dirname}/go') && console.log('here'), 10)`

export default defineConfig({
  services: { first: node(lives), late: node(waits, { needs: ['first'] }) },
  environment: ({ late }) => ({ HOST: new URL(late.url || 'http://x').host }),
})
