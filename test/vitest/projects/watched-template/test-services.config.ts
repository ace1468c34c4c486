import { defineConfig } from 'test-services'
import { postgres } from 'test-services/fixtures/postgres'

export default defineConfig({
  services: { db: postgres({ template: { files: ['sql/*.sql'] } }) },
  environment: { LEVEL: 'one' },
})
