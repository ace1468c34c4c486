import { chmodSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, expect, inject, test } from 'vitest'
import { useCleanState } from '../../support/left-nothing.ts'
import { useUserProject } from '../../support/user-project.ts'

useCleanState()
const { run, copy, write, directory } = useUserProject('')

beforeAll(() => {
  symlinkSync(join(inject('installation'), 'node_modules'), join(directory, 'node_modules'))
  copy('vitest/projects/broken-service', '.')
  copy('programs/logs-requests.mjs')
})

test('the results have the services that the plugin starts, and their logs', async () => {
  const { services, results, text } = await runPool([])
  expect(services.filter(({ attempt }) => attempt === 'starts.test.ts#1')).toEqual([
    startOf('starts', { service: 'web' }),
    startOf('starts', { service: 'web', isTenant: true }),
    startOf('starts', { service: 'web' }),
    startOf('starts', { service: 'api' }),
  ])
  expect(results).toContainEqual(rowOf('starts', ['fail', 'fails', ['failure.txt', 'service-API.log']]))
  expect(text('starts.test.ts/fails/service-API.log')).toMatch(/^API wrote this .*\n {2}asked by a test\n$/)
  expect(text('starts.test.ts/fails/failure.txt')).not.toContain('asked by a test')
  expect(services).toContainEqual(startOf('breaks', { service: 'broken', error: failureOf('BROKEN') }))
  expect(results).toContainEqual(rowOf('breaks', ['fail', 'needs what is broken', ['failure.txt']]))
  expect(text('breaks.test.ts/needs what is broken/failure.txt')).toEqual(failureOf('BROKEN'))
})

test('a service of the whole run that does not start is the error of each file', async () => {
  const { services, results, text } = await runPool(['breaks'], { WITH_EARLY: '1' })
  expect(services).toContainEqual(startOf('breaks', { service: 'early', error: failureOf('EARLY') }))
  const note = expect.stringMatching(/^EARLY ended with exit status 3 while starting/)
  expect(results).toEqual([rowOf('breaks', ['error', null, ['failure.txt', 'output.txt'], note])])
  expect(text('breaks.test.ts/failure.txt')).toEqual(failureOf('EARLY'))
})

test('an error of listing the files is told once, and not as an error of the clean-up', async () => {
  const state = dirname(write('open-state/file', ''))
  chmodSync(state, 0o755)
  const { stderr } = await run(['pool', 'run', 'breaks'], { env: { LP_STATE_DIR: state } })
  expect(stderr).toMatch(/^error: the state directory [^\n]*open-state is refused: [^\n]*\n$/)
})

type Row = Record<string, unknown>

const failureOf = (label: string): unknown =>
  expect.stringMatching(
    new RegExp(`${label} ended with exit status 3 .*\n.*\n  last lines of its log:\n    no route to the moon`),
  )

/** The start of a service by the first attempt of a file. */
function startOf(file: string, start: Row): Row {
  const place = {
    host: expect.any(String),
    machine: expect.stringMatching(/^local-\d$/),
    attempt: `${file}.test.ts#1`,
  }
  return { ...place, begin: expect.any(String), readyMs: expect.any(Number), note: null, ...start }
}

function rowOf(file: string, [status, name, files, note = expect.any(String)]: unknown[]): unknown[] {
  return [expect.any(String), status, `${file}.test.ts`, name, files, note]
}

/** Runs files of the project in a pool that has no services of its own. */
async function runPool(words: string[], env: Record<string, string> = {}) {
  const output = join(directory, `results-${words}`)
  const alone = ['--machines', 'local=1', '--services', 'none', '--output', output]
  const ran = await run(['pool', 'run', ...words, ...alone], { env })
  expect(ran.code, ran.stderr).toBe(1)
  const rowsIn = <T>(name: string): T[] => {
    const lines = readFileSync(join(output, `${name}.jsonl`), 'utf8')
      .trim()
      .split('\n')
    return lines.map((line) => JSON.parse(line))
  }
  const [files = ''] = readdirSync(join(output, 'files')).map((platform) => join(output, 'files', platform))
  const text = (path: string): string => readFileSync(join(files, path), 'utf8')
  return { services: rowsIn<Row>('services'), results: rowsIn<unknown[]>('results'), text }
}
