/** One project that extends the root config, one with a plugin of its own, and one with neither. */
import { testServices } from 'test-services/vitest'
import { defineConfig } from 'vitest/config'

const include = ['tells.test.ts']

export default defineConfig({
  plugins: [testServices()],
  test: {
    projects: [
      { extends: true, test: { name: 'extends', include } },
      { plugins: [testServices()], test: { name: 'own', include } },
      { test: { name: 'plain', include } },
    ],
  },
})
