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

test('init leaves a config alone, writes examples beside it, and prints what to add', async () => {
  const { directory, write, run } = useUserProject('')
  const config = 'test-services.config.ts'
  write(config, "import { redis } from 'test-services/fixtures/redis'\n")
  write('redis.example.test.js', 'mine')
  const { code, stdout } = await run(['init', 'redis', 'smtp'])
  expect(stdout).toBe(
    `kept test-services.config.ts
kept redis.example.test.js
wrote vitest.config.js
wrote smtp.example.test.js
wrote package.json (scripts)
next:
  add to test-services.config.ts:
    import { smtp } from 'test-services/fixtures/smtp'
      services: {
        smtp: smtp(),
      },
      environment: ({ smtp }) => ({
        SMTP_URL: smtp.url,
      }),
  npx vitest run
`,
  )
  expect(code).toBe(0)
  expect(readFileSync(join(directory, config), 'utf8')).toBe("import { redis } from 'test-services/fixtures/redis'\n")
  expect(readFileSync(join(directory, 'redis.example.test.js'), 'utf8')).toBe('mine')
  expect(readFileSync(join(directory, 'smtp.example.test.js'), 'utf8')).toContain(`'./${config}'`)
})

test('init --force keeps each old config beside the new one', async () => {
  const { directory, write, run } = useUserProject('')
  write('package.json', '{}')
  write('test-services.config.mjs', 'mine')
  const { stdout } = await run(['init', 'redis', '--force'])
  expect(stdout).toContain('kept the old test-services.config.mjs as test-services.config.mjs.bak\nwrote test-services')
  await run(['init', 'redis', '--force'])
  expect(readFileSync(join(directory, 'test-services.config.mjs.bak'), 'utf8')).toBe('mine')
  expect(existsSync(join(directory, 'test-services.config.mjs.bak2'))).toBe(true)
})

test('init --force after a change of language replaces the files of the other one', async () => {
  const { directory, write, run } = useUserProject('')
  write('package.json', '{}')
  await run(['init', 'redis'])
  write('tsconfig.json', '{}')
  const { stdout } = await run(['init', 'redis', '--force'])
  expect(stdout).toBe(
    `kept the old test-services.config.mjs as test-services.config.mjs.bak
removed redis.example.test.js
wrote test-services.config.mts
wrote redis.example.test.mts
next:
  npx vitest run
`,
  )
  const files = ['test-services.config.mts', 'test-services.config.mjs.bak', 'redis.example.test.mts']
  expect(readdirSync(directory)).toEqual(expect.arrayContaining([...files, 'vitest.config.mjs']))
  expect(readdirSync(directory)).toHaveLength(files.length + 4)
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

test('init workflow writes a workflow, and replaces one only with --force', async () => {
  const { directory, write, run } = useUserProject('')
  const first = await run(['init', 'workflow'])
  expect(first.stdout).toMatch(/^wrote workflow\.yaml\nnext:\n {2}.*test-services workflow\n$/)
  write('workflow.yaml', 'mine')
  expect((await run(['init', 'workflow'])).stdout).toMatch(/^kept workflow\.yaml, which exists; --force replaces it/)
  expect(readFileSync(join(directory, 'workflow.yaml'), 'utf8')).toBe('mine')
  const forced = await run(['init', 'workflow', '--force'])
  expect(forced.stdout).toMatch(/^kept the old workflow\.yaml as workflow\.yaml\.bak\nwrote workflow\.yaml\n/)
  expect(readFileSync(join(directory, 'workflow.yaml.bak'), 'utf8')).toBe('mine')
  expect((await run(['init', 'workflow', 'redis'])).code).toBe(2)
})
