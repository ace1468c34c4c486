import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeExampleResults } from '../report/example-results.ts'
import { useUserProject } from '../support/user-project.ts'

const { directory, run } = useUserProject('')

test('report writes the page and JUnit XML, and says what came out', async () => {
  const results = join(directory, 'results')
  writeExampleResults(results, { tests: 12 })
  const { code, stdout, stderr } = await run(['report', 'results', '--junit', 'junit.xml'])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toBe(`1 of 12 tests failed\n${join(results, 'index.html')}\n${join(directory, 'junit.xml')}\n`)
  const page = readFileSync(join(results, 'index.html'), 'utf8')
  expect(page).toContain('<h1>1 of 12 tests failed</h1>')
  expect(page.length).toBeGreaterThan(20_000)
  expect(existsSync(join(results, 'junit.xml'))).toBe(false)
})

test('report tells of a directory without results', async () => {
  const { code, stderr } = await run(['report', 'missing'])
  expect(code).toBe(1)
  expect(stderr).toMatch(/^error: .* has no results: expected a directory with a run.json/)
})
