// Variables that begin with `XY_`.
import { command, defineConfig } from 'test-services'

const web = command({ command: ['perl', `${import.meta.dirname}/server.pl`] })

export default defineConfig({ prefix: 'XY', services: { web } })
