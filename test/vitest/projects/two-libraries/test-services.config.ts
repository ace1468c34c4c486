import { defineConfig } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'

export default defineConfig({
  services: { library: librarian(), other: librarian() },
  environment: ({ library, other }) => ({
    LIBRARY_URL: library.url,
    OTHER_URL: other.url,
    BOTH: `${library.url} ${other.url}`,
    PATH_OF: new URL(other.url).pathname,
    LEVEL: 'info',
  }),
})
