/** An api that says which library it was told of, and counts its resets in a file; and a service that nobody can use. */
import { appendFileSync } from 'node:fs'
import { command, defineConfig } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'

export default defineConfig({
  services: {
    api: command({
      command: ['node', '../answers-library.js'],
      needs: ['library'],
      environment: ({ library }) => ({ LIBRARY: library.url }),
      reset: () => appendFileSync('calls', 'reset api\n'),
    }),
    library: librarian(),
  },
  environment: ({ library }) => ({ LIBRARY_URL: library.url }),
})
