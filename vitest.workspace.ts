import { readdirSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { isExhaustive } from './test/support/repeats.ts'

/** Most tests wait for processes of theirs: on a busy machine for long. */
const shared = { pool: 'forks', testTimeout: 60_000, hookTimeout: 60_000 } as const

/** Tests that repeat the same work: some of it in `make test`, all of it in `make test-exhaustive`. */
const repeating = readdirSync(`${import.meta.dirname}/test`, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => `test/${name}`)
  .filter((file) => readFileSync(`${import.meta.dirname}/${file}`, 'utf8').includes("/support/repeats.ts'"))

/** Tests that show nothing in a short time, or take long for what few changes can break. */
const long = [
  'test/faults/{load,soak}.test.ts',
  'test/{bench/run,build/checkout}.test.ts',
  'test/session/sudo-user.test.ts',
  'test/transport/container.test.ts',
  'test/pool/machines/{container,ssh}-machines.test.ts',
  'test/pool/services/{in-container,on-ssh-machine}.test.ts',
  'test/fixtures/{redis-cluster,redis-sentinel,etcd-cluster,rabbitmq-cluster}.test.ts',
  'test/testing/contract.test.ts',
  'test/cli/pool/with-plugin.test.ts',
  'test/transport/{keeper,ssh,ssh/accounts,ssh/log-in,ssh/gather-writes,ssh/sessions}.test.ts',
  'test/pool/{many-tests,lost-machine}.test.ts',
  'test/pool/queue/{bull-queue,killed-hosts,three-hosts}.test.ts',
  'test/vitest/{slow-start,watch-changes}.test.ts',
  'test/pool/tests/{container-machine,in-a-pool,large,ssh-machine,vitest-failures}.test.ts',
  'test/cli/pool/{machines,mistakes,services-of-plugin,work}.test.ts',
  'test/report/report-page-looks.test.ts',
  'test/workflow/{over-transports,faults,full-disk}.test.ts',
  'test/cli/workflow/moved-by-config.test.ts',
  'test/cli/completion/in-shells.test.ts',
  'test/workflow/scripts/{repository,tests-and-services,wait-for-transport}.test.ts',
  'test/workflow/page/workflow-page.test.ts',
  'test/stories/outside-fixture.test.ts',
  'test/fixtures/postgres/{accounts,frozen-server,migration-tool,overlaid-data,reset-after-crash,service-users,template-hangs}.test.ts',
]

/** What every fixture promises: a minute for some of them. `make test` proves it of Redis. */
const contracts = ['test/contracts/*.test.ts']
const everydayContract = 'test/contracts/redis.test.ts'

/**
 * Tests that hold no services in their own process: several files share one. A process for each file takes a quarter of
 * a second of CPU; where services are held, their run stays with the process, and is that of one file.
 */
const outside = [
  'test/{pool,workflow}/{*,control/*}.test.ts',
  'test/workflow/{document,config,page,script,scripts}/**/*.test.ts',
  'test/{bench,build,cli,config,docs,fmf,helper,host,kernel,process,page,readiness,report,results,shell,vitest}/**/*.test.ts',
  'test/{action/output,service/options}/*.test.ts',
  'test/service/{answer-connection,kept-connection,faults/config-at-port,script/tagged-output}.test.ts',
  'test/service/instance/{dependencies,variables}.test.ts',
  'test/session/{declared-variables,environment}.test.ts',
  'test/transport/{tar-archive,keeper/far-command,ssh/known-hosts}.test.ts',
  'test/pool/{queue/array-queue,services/endpoints,tests/make-test}.test.ts',
  'test/fixtures/postgres/{scram,settings}.test.ts',
]
const programs = ['test/programs/**', 'test/vitest/projects/**']

const everyday = [
  { test: { ...shared, name: 'outside', isolate: false, include: outside, exclude: [...programs, ...long] } },
  {
    test: {
      ...shared,
      name: 'unit',
      include: ['test/*.test.ts', 'test/!(contracts)/**/*.test.ts', everydayContract],
      exclude: [...outside, ...programs, ...long, 'test/stories/**', 'test/faults/**'],
    },
  },
  { test: { ...shared, name: 'stories', isolate: false, include: ['test/stories/**/*.test.ts'] } },
  { test: { ...shared, name: 'faults', isolate: false, include: ['test/faults/**/*.test.ts'], exclude: long } },
]

/** Tests of MariaDB that also run against MySQL, where `.ci/run` or a person has unpacked a MySQL. */
const mysql = {
  test: {
    ...shared,
    name: 'mysql',
    env: { SQL_PRODUCT: 'mysql' },
    include: ['test/contracts/mariadb.test.ts', 'test/fixtures/mariadb.test.ts'],
  },
}

const exhaustive = [
  { test: { ...shared, name: 'exhaustive', include: [...new Set([...repeating, ...long, ...contracts])] } },
  ...(process.env.MYSQL_BINARIES ? [mysql] : []),
]

/** Vitest 4 no longer reads this file by itself: `vitest run --config vitest.workspace.ts`. */
export default defineConfig({
  test: {
    globalSetup: 'test/package.ts',
    // More than processors: most tests wait most of the time.
    maxWorkers: 3,
    reporters: ['default', './test/support/rerun-reporter.ts'],
    projects: isExhaustive ? exhaustive : everyday,
  },
})
