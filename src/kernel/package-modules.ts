/** Fixtures in this package: usable by name, without a config file. */
export const bundledFixtures = [
  'postgres',
  'redis',
  'valkey',
  'memcached',
  'nats',
  'mosquitto',
  'smtp',
  'etcd',
  'etcd-cluster',
  'dynamodb',
  'redis-cluster',
  'redis-sentinel',
  'rabbitmq',
  'rabbitmq-cluster',
  's3',
  'kafka',
  'mongodb',
  'openldap',
  'mariadb',
  'mysql',
  'librarian',
] as const

export type BundledFixture = (typeof bundledFixtures)[number]

/** Fixtures for import in a config file. The last two need options, and cannot start by name alone. */
const importedFixtures = [...bundledFixtures, 'container', 'script'] as const

type FixtureModule = `fixtures/${(typeof importedFixtures)[number]}`

/** Modules without a top-level await: CommonJS files can `require` these. */
export const requirableModules = [
  'index',
  'session',
  'fixture',
  'testing',
  'pool',
  'workflow',
  ...importedFixtures.map((name): FixtureModule => `fixtures/${name}`),
] as const satisfies readonly PackageModule[]

/** Modules copied to remote machines: the build makes each a single file. */
export const portableModules: readonly string[] = ['pool-vitest-reporter'] satisfies PackageModule[]

/** Modules of this package: the name in `dist`, and the source. The build and the run time read this list. */
export const packageModules = {
  index: 'src/index.ts',
  session: 'src/session.ts',
  fixture: 'src/fixture.ts',
  testing: 'src/testing.ts',
  pool: 'src/pool.ts',
  workflow: 'src/workflow.ts',
  'testing-holder': 'src/testing/holder.ts',
  vitest: 'src/vitest/index.ts',
  // For a config file compiled to CommonJS: Node cannot `require` the module `vitest`, because of a top-level
  // await.
  'vitest-plugin': 'src/vitest/plugin-entry.ts',
  'vitest-global-setup': 'src/vitest/global-setup.ts',
  'vitest-setup': 'src/vitest/setup.ts',
  cli: 'src/cli/main.ts',
  helper: 'src/helper/main.ts',
  sweep: 'src/run/sweep-main.ts',
  'machine-services': 'src/pool/services/services-program.ts',
  'ssh-reclaim': 'src/pool/machines/ssh-reclaim.ts',
  'container-follow': 'src/container/follow.ts',
  'container-reclaim': 'src/container/reclaim.ts',
  'pool-vitest-reporter': 'src/pool/tests/vitest-reporter.ts',
  'proxy-thread': 'src/proxy/proxy-thread.ts',
  'control-reclaim': 'src/host/control-reclaim.ts',
  'action-exit-reclaim': 'src/action/workspace/exit-reclaim.ts',
  'fixtures/postgres-reclaim': 'fixtures/postgres/reclaim.ts',
  'fixtures/mosquitto-server': 'fixtures/mosquitto/server.ts',
  'fixtures/smtp-server': 'fixtures/smtp/server.ts',
  'fixtures/dynamodb-server': 'fixtures/dynamodb/server.ts',
  'fixtures/s3-server': 'fixtures/s3/server.ts',
  'fixtures/librarian-server': 'fixtures/librarian/server.ts',
  ...(Object.fromEntries(importedFixtures.map((name) => [`fixtures/${name}`, `fixtures/${name}/index.ts`])) as Record<
    FixtureModule,
    string
  >),
} as const

export type PackageModule = keyof typeof packageModules

/** Whether this code runs from `dist`, as opposed to the sources. */
export const isCompiled = !import.meta.url.endsWith('.ts')
