/** Names that fragments in documents may use without importing them: a fragment shows a line or two of a file. */
import type pgDriver from 'pg'
import * as own from 'test-services'
import * as postgresFixture from 'test-services/fixtures/postgres'
import type * as sessions from 'test-services/session'
import * as plugin from 'test-services/vitest'
import * as runner from 'vitest'
import type { defineConfig as vitestConfig } from 'vitest/config'

const ownConfig = own.defineConfig({
  services: {
    db: postgresFixture.postgres(),
    api: own.command({ command: ['node', 'server.js'], needs: ['db'] }),
  },
})
const extended = runner.test.extend(plugin.serviceFixtures(ownConfig))
type Stack = own.StartedStack<typeof ownConfig.services>
type Database = own.ServiceOf<typeof ownConfig.services.db>
type Hook = (hook: (this: { timeout(ms: number): void }) => unknown, timeoutMs?: number) => void

declare global {
  var config: typeof ownConfig
  var stack: Stack
  var db: Database
  var session: sessions.Session
  var onEnter: own.ActionPlan
  var onExit: own.ActionPlan

  var command: typeof own.command
  var script: typeof own.script
  var Session: typeof sessions.Session
  var start: typeof own.start
  var ready: typeof own.ready
  var pg: typeof pgDriver
  var pool: pgDriver.Pool
  var postgres: typeof postgresFixture.postgres

  var defineConfig: typeof vitestConfig
  var testServices: typeof plugin.testServices
  var useService: typeof plugin.useService
  var test: typeof extended
  var expect: typeof runner.expect
  var beforeAll: typeof runner.beforeAll
  var beforeEach: typeof runner.beforeEach
  var afterAll: typeof runner.afterAll
  var before: Hook
  var after: Hook
  var it: typeof runner.it

  /** The application's own functions. */
  var seed: (url: string) => Promise<void>
  var emptyAllTables: (url: string) => Promise<void>
}
