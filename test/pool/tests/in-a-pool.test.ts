import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { redis } from '../../../fixtures/redis/index.ts'
import {
  commandTest,
  createResults,
  localMachines,
  Pool,
  type PoolOptions,
  type ResultRow,
  servicesOnMachine,
  vitestFiles,
} from '../../../src/pool.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { useUserProject } from '../../support/user-project.ts'

useCleanState()
const project = useUserProject('')
project.copy('vitest/projects/one-cache', '.')

test('a Vitest project with our plugin attaches to the services of its machine', async () => {
  const json = `json='{"status":"pass","name":"port '$LP_CACHE_PORT'"}'`
  const command = `${json}; { echo result $(printf %s "$json" | wc -c); printf %s "$json"; } >&3`
  const tests = [...(await vitestFiles({ directory: project.directory })), commandTest({ name: 'command', command })]
  const { outcome, rows } = await run({ tests, services: servicesOnMachine({ cache: redis() }) })
  expect(outcome).toBe('passed')
  const [port, ...others] = new Set(rows.flatMap(({ part }) => part ?? []))
  expect({ port, others }).toEqual({ port: expect.stringMatching(/^port \d+$/), others: [] })
  expect(rows.filter(({ part }) => part)).toHaveLength(2)
})

test('a test that breaks the protocol is tried again, and could not be run', async () => {
  const tests = [
    commandTest({ name: 'broken', command: 'echo attempt $TEST_SERVICES_ATTEMPT >&3; exec sleep 1000' }),
    commandTest({ name: 'late', command: 'exec sleep 1000', limitMs: 100 }),
  ]
  const { outcome, rows } = await run({ tests, infraReruns: 1 })
  expect(outcome).toBe('failed')
  const note = expect.stringContaining('test control: "attempt 2": the word must be one of')
  expect(rows).toEqual([
    { status: 'infra', test: 'broken', part: null, note },
    { status: 'error', test: 'late', part: null, note: 'the test took longer than its limit of 0.1 s' },
  ])
})

async function run(options: Pick<PoolOptions, 'tests' | 'services' | 'infraReruns'>) {
  const path = join(project.directory, `results-${performance.now()}`)
  await using results = createResults({ path })
  await using machines = localMachines({ slots: 1 })
  const { outcome } = await new Pool({ ...options, machines, results, project: project.directory }).run()
  const lines = readFileSync(join(path, 'results.jsonl'), 'utf8').trimEnd().split('\n')
  const rows = lines.map((line) => {
    const [, status, test, part, , note]: ResultRow = JSON.parse(line)
    return { status, test, part, note }
  })
  return { outcome, rows: rows.sort((one, other) => (one.test < other.test ? -1 : 1)) }
}
