// `broken` fails at its start, `patient` is never ready.
import { command, defineConfig, ready } from 'test-services'

const node = (program) =>
  command({ command: [process.execPath, '-e', program], port: false, ready: ready.log('never') })
const broken = node('console.error("no luck"); process.exit(3)')

export default defineConfig({ services: { broken, patient: node('setInterval(() => {}, 1000)') } })
