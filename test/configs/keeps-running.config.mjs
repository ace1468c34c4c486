// A service, and a timer of the config that never ends; prints the word in NOISE.
import { command, defineConfig } from 'test-services'

if (process.env.NOISE) console.log(process.env.NOISE)
setInterval(() => {}, 1000)

export default defineConfig({ services: { web: command({ command: ['perl', 'server.pl'] }) } })
