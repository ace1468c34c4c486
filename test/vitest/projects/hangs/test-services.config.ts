import { defineConfig } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'

export default defineConfig({
  services: { library: librarian() },
  environment: ({ library }) => ({ LIBRARY_URL: library.url }),
  profiles: { development: { library: { storageDirectory: 'kept' } } },
})
