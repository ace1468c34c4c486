// `app` says the directory of the config, and the URL of a database that a file beside the config fills.
import { command, defineConfig, ready } from 'test-services'
import { postgres } from 'test-services/fixtures/postgres'

const app = command({
  command: ['sh', '-c', 'echo "$DIRECTORY $URL"; exec sleep 600'],
  port: false,
  ready: ready.log(/postgresql/),
  needs: ['db'],
  environment: ({ db }) => ({ URL: db.url, DIRECTORY: import.meta.dirname }),
})

export default defineConfig({ services: { db: postgres({ template: { files: ['*.sql'] } }), app } })
