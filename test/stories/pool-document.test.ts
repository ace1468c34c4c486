import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { blocksOf } from '../support/documents.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { startProcess, useUserProject } from '../support/user-project.ts'

useCleanState()
const { write, directory, command } = useUserProject('')

/** Scripts of the page, by a word in them. */
function script(word: string): string {
  const found = blocksOf('docs/pool.md', 'sh').find(({ code }) => code.includes(word))
  return found?.code ?? expect.fail(`docs/pool.md has no script with ${word}`)
}

/** Runs a script of the page in the project, with the installed command for `npx test-services`. */
function runScript(code: string) {
  const npx = `npx() { shift; '${process.execPath}' '${command}' "$@"; }`
  return startProcess(['bash', '-c', `${npx}\n${code}`], { cwd: directory }).ended
}

const rowsIn = (path: string): unknown[][] =>
  readFileSync(join(directory, path, 'results.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

test('the first command of docs/pool.md runs the Vitest files; report makes the page', async () => {
  for (const [name, sum] of [
    ['right', 2],
    ['wrong', 3],
  ])
    write(`${name}.test.js`, `import { expect, test } from 'vitest'\ntest('adds', () => expect(1 + 1).toBe(${sum}))\n`)
  const { code, stderr } = await runScript(script('pool run --machines local=4'))
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('1 passed, 1 failed') })
  const results = join('pool-results', readdirSync(join(directory, 'pool-results'))[0] ?? '')
  expect(rowsIn(results).map((row) => row.slice(1, 4))).toEqual(
    expect.arrayContaining([
      ['pass', 'right.test.js', 'adds'],
      ['fail', 'wrong.test.js', null],
    ]),
  )
  expect(await runScript(`npx test-services report ${results}`)).toMatchObject({ code: 0 })
  expect(existsSync(join(directory, results, 'index.html'))).toBe(true)
})

test('the FMF command of docs/pool.md lists the tests with the tag', async () => {
  write('tests/.fmf/version', '1\n')
  write('tests/main.fmf', 'test: "true"\n/login:\n  tag: smoke\n/slow:\n  tag: long\n')
  const { code, stdout } = await runScript(script('pool list --fmf'))
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toEqual([{ name: '/login', data: { test: 'true', tag: 'smoke' } }])
})

test('the line of test control in docs/pool.md reports a result', async () => {
  write('report.sh', script('ATEX_TEST_CONTROL'))
  write('commands', 'bash report.sh\n')
  const { code, stderr } = await runScript('npx test-services pool run --commands commands --output controlled')
  expect({ code, stderr }).toMatchObject({ code: 0 })
  expect(rowsIn('controlled').map((row) => row.slice(1, 4))).toContainEqual(['pass', 'bash report.sh', '/part/one'])
})
