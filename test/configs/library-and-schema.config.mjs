// The librarian, and a Postgres with the tables of `schema.sql`.
import { defineConfig } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'
import { postgres } from 'test-services/fixtures/postgres'

export default defineConfig({
  services: { library: librarian(), db: postgres({ template: { files: ['schema.sql'] } }) },
})
