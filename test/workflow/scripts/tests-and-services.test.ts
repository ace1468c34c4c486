import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { useCleanState } from '../../support/left-nothing.ts'
import { type Ran, useUserProject } from '../../support/user-project.ts'
import { vitestProject } from '../../support/vitest-project.ts'

useCleanState()
const { run } = useUserProject('')

/** Runs these steps in a new project with Vitest. */
async function runSteps(steps: readonly object[]): Promise<Ran & { text(path: string): string; directory: string }> {
  const directory = vitestProject({ 'workflow.yaml': JSON.stringify({ steps }) }, 'with-variables')
  const ran = await run(['workflow'], { cwd: directory })
  return { ...ran, directory, text: (path) => readFileSync(join(directory, 'workflow-output', path), 'utf8') }
}

test('vitest runs tests with the services of the workflow, and keeps their report', async () => {
  const environment = { WORD: 'quince' }
  const { code, stderr, text, directory } = await runSteps([
    { name: 'services', uses: 'services', with: { names: ['redis'] } },
    { name: 'one', uses: 'vitest', with: { files: ['one'], environment } },
    { name: 'all', uses: 'vitest', with: { parallel: 2, environment } },
    { name: 'configured', uses: 'vitest', with: { config: 'other.config.ts', environment } },
  ])
  expect([code, stderr]).toEqual([1, expect.stringMatching(/✖ all/)])
  expect(text('002_one/step.log')).toMatch(/1 test/)
  expect(text('003_all/step.log')).toMatch(/1 of 2 tests failed/)
  expect(text('004_configured/step.log')).toMatch(/1 test, which passed/)
  expect(text('003_all/artifacts/results/index.html')).toContain('two.test.ts')
  expect(existsSync(join(directory, 'workflow-output/002_one/artifacts/results/run.json'))).toBe(true)
})

test('pool gives commands to machines; a failed one fails the step', async () => {
  const { code, text } = await runSteps([
    { name: 'files', uses: 'pool', with: { vitestConfig: 'other.config.ts', services: 'none' } },
    { name: 'good', uses: 'pool', with: { commands: ['true', 'echo "a b"'], services: 'none', timeout: '1m' } },
    { name: 'bad', uses: 'pool', with: { machines: ['local=1'], commands: ['false', 'true'], services: 'none' } },
  ])
  expect(code).toBe(1)
  expect(text('001_files/step.log')).toMatch(/1 of 1 test failed/)
  expect(text('002_good/step.log')).toMatch(/2 tests/)
  expect(text('003_bad/step.log')).toMatch(/1 of 2 tests failed/)
  expect(text('002_good/artifacts/results/results.jsonl')).toContain('echo \\"a b\\"')
})

test('pool without a test fails with the reason in the output of its command', async () => {
  const { code, text } = await runSteps([{ name: 'none', uses: 'pool', with: { fmf: 'tests' } }])
  expect(code).toBe(1)
  expect(text('001_none/cmd_01.output')).toMatch(/^error: /)
  expect(text('001_none/step.log')).toContain('no test was run')
})
