import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { startProcess } from './user-project.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('a failed test tells what went wrong, and how to run it alone, with its seed', async () => {
  const directory = mkdtempSync(join(root, 'node_modules/.rerun-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  writeFileSync(
    join(directory, 'a.test.js'),
    `import { describe, test } from 'vitest'
     describe("it's", () => test('$(odd) > "title"', () => { throw new Error('at once (FAULT_SEED=0.25)') }))
     test('passes', () => {})`,
  )
  const reporter = join(root, 'test/support/rerun-reporter.ts')
  const argv = [join(root, 'node_modules/.bin/vitest'), 'run', '--root', directory, '--reporter', reporter]
  const { stderr } = await startProcess(argv, { cwd: directory }).ended
  const command = `  FAULT_SEED=0.25 make test ARGS='a.test.js -t "it.s.+..odd..+.title."'`
  expect(stderr).toContain(`${command}\n    at once (FAULT_SEED=0.25)\n\n`)
})
