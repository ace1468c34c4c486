// Two services with something to reset, and two without. They start in this order.
import { command, defineConfig } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'

const app = (options) => command({ command: ['perl', 'server.pl'], ...options })
const api = app({ needs: ['files'] })
const own = app({ needs: ['api'], reset: () => {} })

export default defineConfig({ services: { files: librarian(), api, own, bare: app({ needs: ['own'] }) } })
