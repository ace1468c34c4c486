// The librarian.
import { defineConfig } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'

export default defineConfig({ services: { library: librarian() } })
