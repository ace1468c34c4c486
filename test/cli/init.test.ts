import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stop, transform } from 'esbuild'
import { expect, inject, test } from 'vitest'
import { configSource, templateOf } from '../../src/cli/init/config-source.ts'
import { findFixture } from '../../src/config/fixtures.ts'
import { bundledFixtures } from '../../src/kernel/package-modules.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { type Ran, startProcess, useUserProject } from '../support/user-project.ts'

useCleanState()

/** Runs the tests of a project, and returns what Vitest says of them. */
async function runTests(directory: string): Promise<Ran> {
  const vitest = join(inject('installation'), 'node_modules/vitest/vitest.mjs')
  return startProcess([process.execPath, vitest, 'run'], { cwd: directory }).ended
}

function manifestIn(directory: string): { scripts: Record<string, string> } {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
}

test('init writes a config and examples that pass in a project of type CommonJS', async () => {
  const { directory, write, run } = useUserProject('')
  write('package.json', '{\n    "name": "shop",\n    "scripts": { "start": "node server.js" }\n}\n')
  const { code, stdout } = await run(['init', 'redis', 'memcached'])
  expect(code).toBe(0)
  expect(stdout).toBe(
    `wrote test-services.config.mjs
wrote vitest.config.mjs
wrote redis.example.test.js
wrote memcached.example.test.js
wrote package.json (scripts)
next:
  npx vitest run
`,
  )
  const scripts = { start: 'node server.js', test: 'vitest run', services: 'test-services' }
  expect(manifestIn(directory)).toEqual({ name: 'shop', scripts })
  const tests = await runTests(directory)
  expect(tests.stdout).toContain('4 passed')
})

test('init writes TypeScript where the project has it, and names what is missing', async () => {
  const { directory, write, run } = useUserProject('')
  const scripts = { test: 'jest', services: 'docker compose up' }
  write('package.json', JSON.stringify({ type: 'module', scripts }))
  write('tsconfig.json', '{}')
  write('pnpm-lock.yaml', '')
  write('vitest.config.ts', 'export default {}')
  const { stdout } = await run(['init', 'redis'], { env: { PATH: '/nowhere' } })
  expect(stdout).toContain('wrote test-services.config.ts\nwrote redis.example.test.ts\nnext:\n')
  expect(stdout).toContain("in vitest.config.ts: plugins: [testServices()], imported from 'test-services/vitest'")
  expect(stdout).toMatch(/redis cannot run here yet: .* apt-get install redis-server, or brew install redis/)
  expect(stdout).toContain('pnpm exec vitest run')
  expect(manifestIn(directory).scripts).toEqual(scripts)
  expect((await runTests(directory)).stdout).toContain('2 passed')
})

test('init names no module of Node to install', async () => {
  const { write, run } = useUserProject('')
  write('package.json', '{}')
  const { stdout } = await run(['init', 'mosquitto'])
  expect(stdout).toContain('wrote mosquitto.example.test.js')
  expect(stdout).not.toContain('node:')
})

test('init overwrites nothing unless it is forced, and then writes everything', async () => {
  const { directory, write, run } = useUserProject('')
  write('test-services.config.mts', 'mine')
  const refused = await run(['init', 'redis'])
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain('test-services.config.mts exists already; --force overwrites it')
  expect(readdirSync(directory).sort()).toEqual(['package.json', 'server.pl', 'test-services.config.mts'])
  expect((await run(['init', 'redis', '--force'])).code).toBe(0)
  expect(existsSync(join(directory, 'redis.example.test.js'))).toBe(true)
})

test.each([
  [['init'], 'init needs a fixture, as in "init postgres"; there are postgres, redis'],
  [['init', 'radis'], 'unknown fixture "radis" (did you mean "redis"?)'],
])('%j is refused, and writes nothing', async (argv, message) => {
  const { directory, run } = useUserProject('')
  const before = readdirSync(directory)
  const { code, stderr } = await run(argv)
  expect([code, readdirSync(directory)]).toEqual([2, before])
  expect(stderr).toContain(message)
})

test('the configs of several fixtures are put together', () => {
  const fixtures = ['postgres', 'redis'].flatMap((name) => findFixture(name, '/') ?? [])
  expect(configSource(fixtures)).toBe(`import { defineConfig } from 'test-services'
import { postgres } from 'test-services/fixtures/postgres'
import { redis } from 'test-services/fixtures/redis'

export default defineConfig({
  services: {
    postgres: postgres(),
    redis: redis(),
  },
  environment: ({ postgres, redis }) => ({
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
  }),
})
`)
})

test('init can use the default config and the example of each bundled fixture', async () => {
  const fixtures = bundledFixtures.flatMap((name) => findFixture(name, '/') ?? [])
  expect(configSource(fixtures).match(/from 'test-services\/fixtures\//g)).toHaveLength(fixtures.length)
  const examples = fixtures.flatMap((fixture) => templateOf(fixture, 'example.test') ?? [])
  expect(examples).toHaveLength(fixtures.length - 1)
  // They are copied to `.js` files as they are.
  for (const example of examples) await transform(example, { loader: 'js' })
  // Its process would be taken for a leftover.
  await stop()
})
