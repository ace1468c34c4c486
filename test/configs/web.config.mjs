// `web`, `api` which needs it, and a service that is named like a subcommand.
import { command, defineConfig, ready } from 'test-services'

const serve = (options) => command({ command: ['perl', 'server.pl'], ready: ready.http('/'), ...options })

export default defineConfig({
  services: { web: serve(), api: serve({ needs: ['web'] }), status: serve() },
  environment: ({ web }) => ({ WEB_URL: web.url, ODD: 'it\'s a "test"\n$(exit 1) `x` \\ !y' }),
})
