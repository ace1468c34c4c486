import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject, type Files } from './project.ts'

const { stateDirectory } = useCleanState()

const withoutPlugin = { 'vitest.config.ts': 'export default {}' }

/** A server that logs what it is asked to, and a fixture that keeps something of a failed test. */
const project: Files = {
  'server.mjs': `
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
createServer(async (request, response) => process.stdout.write(await text(request), () => response.end()))
  .listen(process.env.PORT, '127.0.0.1', () => console.log('listening'))`,
  'keeper.ts': `
import { defineService, ExternalService } from 'test-services/fixture'
class Keeper extends ExternalService {
  async start() { return { url: 'keeper:' } }
  configFromVariables() { return { url: 'keeper:' } }
  async verify() {}
  async makePristine() {}
  async keepFailure(test) {
    if (test.endsWith('unkept')) throw new Error('there is no room')
    return 'kept of ' + test + ' for a day'
  }
}
export const keeper = () => defineService({ kind: 'keeper', create: (init) => new Keeper(init) })`,
  'test-services.config.ts': `
import { command, defineConfig } from 'test-services'
import { keeper } from './keeper.ts'
const server = () => command({ command: ['node', 'server.mjs'] })
export default defineConfig({ services: { server: server(), other: server(), keeper: keeper() } })`,
  'say.ts': `
export { test } from './support.ts'
export const say = async ({ serviceConfig }, body) => { await (await fetch(serviceConfig.url, { method: 'POST', body })).text() }`,
}

/** What stands beneath the title of a failed test, for each of its errors, up to the code. */
function failuresOf(output: string, title: string): string[] {
  const blocks = output.split(/^⎯+\[\d+\/\d+\]⎯$/m)
  const head = ` FAIL  a.test.ts > ${title}\n`
  return blocks.flatMap((block) =>
    block.includes(head) ? [block.slice(block.indexOf(head) + head.length).trim()] : [],
  )
}

describe.each([
  ['with the plugin', {}],
  ['without the plugin', withoutPlugin],
])('a test that fails %s', (_, files) => {
  test('is followed by what each service that it used wrote during it, and by nothing of the others', async () => {
    const { run } = await createProject({
      ...project,
      ...files,
      'a.test.ts': `
import { expect } from 'vitest'
import { say, test } from './say.ts'
test('before', ({ server }) => say(server, 'said before\\n'))
test('fails', async ({ server, other }) => {
  await say(server, 'one\\n    at Server.answer (/app/server.js:1:1)\\n')
  await say(other, 'two\\n')
  expect(1).toBe(2)
})
test('fails too', async ({ server }) => { await say(server, 'three\\n'); throw new Error('own') })
test('was quiet', ({ server }) => { throw new Error('quiet') })`,
    })
    const { output } = await run()
    expect(output).toContain('3 failed | 1 passed')
    const [own, ...logs] = failuresOf(output, 'fails')
    expect(own).toContain('AssertionError: expected 1 to be 2')
    expect(logs.sort()).toEqual([
      expect.stringMatching(/^Evidence: OTHER wrote this during the test; its whole log: .*\/logs\/.*\.log\n {2}two$/),
      expect.stringMatching(/^Evidence: SERVER wrote .*\n {2}one\n {6}at Server\.answer \(\/app\/server\.js:1:1\)$/),
    ])
    expect(failuresOf(output, 'fails too')[1]).toMatch(/^Evidence: SERVER wrote .*\n {2}three$/)
    expect(failuresOf(output, 'was quiet')).toHaveLength(1)
    expect(output).not.toContain('said before')
    await expectNothingLeft(stateDirectory)
  })
})

describe('a test that fails', () => {
  test('names a log that is there when the run is over, with all that led to it', async () => {
    const { run } = await createProject({
      ...project,
      'a.test.ts': `
import { say, test } from './say.ts'
test('before', ({ server }) => say(server, 'said before\\n'))
test('floods', async ({ server }) => {
  await say(server, 'flood\\n'.repeat(10_000) + 'the end\\n')
  throw new Error('own')
})`,
    })
    const [, log = ''] = failuresOf((await run()).output, 'floods')
    const [, path = ''] = /its whole log: (.*)/.exec(log) ?? []
    expect(readFileSync(path, 'utf8')).toMatch(/^listening\nsaid before\n(flood\n){10000}the end\n$/)
    expect(log).toContain(`  … 43 KiB before this are left out; they are in ${path}`)
    expect(log.length).toBeLessThan(32 * 1024)
    expect(log).toMatch(/the end$/)
  })

  test('tells of services of useService too, and what they need', async () => {
    const { run } = await createProject({
      ...project,
      'test-services.config.ts': `
import { command, defineConfig } from 'test-services'
const server = (needs) => command({ command: ['node', 'server.mjs'], needs })
export default defineConfig({ services: { server: server([]), front: server(['server']) } })`,
      'a.test.ts': `
import { test } from 'vitest'
import { useService } from 'test-services/vitest'
import { config } from './support.ts'
import { say } from './say.ts'
const front = useService(config.services.front, { instance: 'unique' })
test('fails', async () => {
  await say(front, 'in front\\n')
  await say({ serviceConfig: { url: process.env.LP_SERVER_URL } }, 'behind\\n')
  throw new Error('own')
})`,
    })
    const { output } = await run()
    const [, ...logs] = failuresOf(output, 'fails')
    expect(logs.map((log) => log.replace(/; .*\n/, '\n')).sort()).toEqual([
      'Evidence: FRONT wrote this during the test\n  in front',
      'Evidence: SERVER wrote this during the test\n  behind',
    ])
    await expectNothingLeft(stateDirectory)
  })

  test('says where what it left is kept, or why it is not', async () => {
    const { run } = await createProject({
      ...project,
      'a.test.ts': `
import { describe } from 'vitest'
import { test } from './say.ts'
describe('a group', () => test('fails', ({ keeper }) => { throw new Error('own') }))
test('fails unkept', ({ keeper }) => { throw new Error('own') })
test('passes', ({ keeper }) => {})
test.fails('is to fail', ({ keeper }) => { throw new Error('own') })`,
    })
    const { output } = await run()
    expect(failuresOf(output, 'a group > fails')[1]).toBe('Evidence: kept of a group > fails for a day')
    expect(failuresOf(output, 'fails unkept')[1]).toBe('Evidence: nothing is kept: there is no room')
    expect(output).not.toMatch(/kept of (passes|is to fail)/)
  })

  test('tells of each of its tries what was written during that one', async () => {
    const { run } = await createProject({
      ...project,
      'a.test.ts': `
import { say, test } from './say.ts'
test('fails', { retry: 1 }, async ({ server, task }) => {
  await say(server, 'try ' + task.result.retryCount + '\\n')
  throw new Error('own ' + task.result.retryCount)
})`,
    })
    const errors = failuresOf((await run()).output, 'fails').map((error) => error.split('\n'))
    expect(errors.map(([first, second]) => (first?.startsWith('Error') ? first : second))).toEqual([
      'Error: own 0',
      '  try 0',
      'Error: own 1',
      '  try 1',
    ])
  })

  test('is tried again by a condition on its own error, and told of before that', async () => {
    const { run } = await createProject({
      ...project,
      'a.test.ts': `
import { say, test } from './say.ts'
test('fails', { retry: { count: 2, condition: /flaky/ } }, async ({ server, task }) => {
  await say(server, 'try ' + task.result.retryCount + '\\n')
  throw new Error(task.result.retryCount === 0 ? 'flaky' : 'broken')
})`,
    })
    const errors = failuresOf((await run()).output, 'fails').map((error) => error.split('\n'))
    expect(errors.map(([first, second]) => (first?.startsWith('Error') ? first : second))).toEqual([
      '  try 0',
      'Error: flaky',
      '  try 1',
      'Error: broken',
    ])
  })

  test('among others at the same time is told with what was written during all of them', async () => {
    const { run } = await createProject({
      ...project,
      'a.test.ts': `
import { isThere } from './support.ts'
import { say, test } from './say.ts'
import { writeFileSync } from 'node:fs'
test.concurrent('fails', async ({ server }) => {
  await isThere('other-has-begun')
  await say(server, 'one\\n')
  throw new Error('own')
})
test.concurrent('passes', async ({ server }) => { await say(server, 'two\\n'); writeFileSync('other-has-begun', '') })`,
    })
    const { output } = await run()
    expect(output).toContain('1 failed | 1 passed')
    expect(failuresOf(output, 'fails')[1]).toMatch(/^Evidence: SERVER .*\n( {2}two\n)? {2}one$/)
  })

  test('is told of in a report for machines as well', async () => {
    const { run } = await createProject({
      ...project,
      'a.test.ts': `
import { say, test } from './say.ts'
test('fails', async ({ server }) => { await say(server, 'said\\n'); throw new Error('own') })`,
    })
    const { output } = await run(['run', '--reporter', 'junit'])
    expect(output).toMatch(/<failure message="SERVER wrote this [^"]*\n {2}said" type="Evidence">/)
  })
})
