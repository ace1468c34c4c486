import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stop, transform } from 'esbuild'
import { expect, inject, onTestFinished, test } from 'vitest'
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

test('init names what examples import, types and servers on one line to install', async () => {
  const { run } = useUserProject('')
  // Outside the installation of the tests, which has all packages.
  const directory = mkdtempSync(join(tmpdir(), 'ts-init-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const barley = join(directory, 'node_modules/test-services-fixture-barley')
  mkdirSync(barley, { recursive: true })
  writeFileSync(join(directory, 'package.json'), '{}')
  writeFileSync(join(directory, 'tsconfig.json'), '{}')
  writeFileSync(join(barley, 'package.json'), '{"type":"module","exports":"./index.js"}')
  writeFileSync(
    join(barley, 'index.js'),
    `const diagnose = async () => ({ facts: [], problem: 'no barley', packages: ['barley-server'] })
    export default () => ({ kind: 'barley', needs: [], diagnose })`,
  )
  writeFileSync(join(barley, 'example.test.js'), "import { once } from 'node:events'\n")
  const { stdout } = await run(['init', 'memcached', 'barley'], { cwd: directory })
  const names = 'test-services vitest memjs @types/node @types/memjs barley-server'
  expect(stdout.split('next:\n')[1]).toBe(`  npm install --save-dev ${names}\n  npx vitest run\n`)
})

test('init overwrites nothing unless it is forced, and then writes everything', async () => {
  const { directory, write, run } = useUserProject('')
  write('test-services.config.mts', 'mine')
  const refused = await run(['init', 'redis'])
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain('test-services.config.mts exists already; --force replaces it')
  expect(readdirSync(directory).sort()).toEqual(['package.json', 'server.pl', 'test-services.config.mts'])
  expect((await run(['init', 'redis', '--force'])).code).toBe(0)
  expect(existsSync(join(directory, 'redis.example.test.js'))).toBe(true)
})

test('init --force after a change of language replaces the files of the other one', async () => {
  const { directory, write, run } = useUserProject('')
  write('package.json', '{}')
  await run(['init', 'redis'])
  write('tsconfig.json', '{}')
  const refused = await run(['init', 'redis'])
  expect(refused.stderr).toContain('test-services.config.mjs, redis.example.test.js exists already')
  const { stdout } = await run(['init', 'redis', '--force'])
  expect(stdout).toBe(
    `removed test-services.config.mjs
removed redis.example.test.js
wrote test-services.config.mts
wrote redis.example.test.mts
next:
  npx vitest run
`,
  )
  const files = ['test-services.config.mts', 'redis.example.test.mts', 'vitest.config.mjs']
  expect(readdirSync(directory)).toEqual(expect.arrayContaining(files))
  expect(readdirSync(directory)).toHaveLength(files.length + 3)
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
