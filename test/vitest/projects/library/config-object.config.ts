/** Two projects that share a config object, of whose services they ask for one. */
import { defineConfig as defineServices } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'
import { testServices } from 'test-services/vitest'
import { defineConfig, mergeConfig } from 'vitest/config'

const config = defineServices({
  services: { library: librarian(), other: librarian() },
  environment: ({ library }) => ({ LIBRARY_URL: library.url }),
})
const base = defineConfig({ plugins: [testServices({ config, services: ['library'] })] })
const include = ['tells.test.ts']

export default mergeConfig(
  base,
  defineConfig({
    test: {
      projects: [
        { extends: true, test: { name: 'one', include } },
        { extends: true, test: { name: 'two', include } },
      ],
    },
  }),
)
