import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { RedisService } from '../../../fixtures/redis/index.ts'
import { type AttemptRow, commandTest, openQueue } from '../../../src/pool.ts'
import { eventually } from '../../support/eventually.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { startQueueServer } from '../../support/queue-server.ts'
import { useClient } from '../../support/redis-client.ts'
import { useUserProject } from '../../support/user-project.ts'

useCleanState()
const { run, start, write, copy, directory } = useUserProject('')
/** Two hosts start, and join a queue. */
const patienceMs = 30_000
const alone = ['--machines', 'local=1', '--services', 'none', '--output']

let server: RedisService
let env: { readonly TEST_SERVICES_QUEUE: string }
beforeAll(async () => {
  server = await startQueueServer()
  env = { TEST_SERVICES_QUEUE: server.serviceConfig.url }
})
afterAll(() => server.cleanUp())

copy('vitest/projects/meeting', '.')
write('tree/.fmf/version', '1\n')
const meets = `sh ${join(directory, 'meet.sh')}`
write('tree/main.fmf', `/a: { test: '${meets} a b' }\n/b: { test: '${meets} b a' }\n`)

function attemptsIn(results: string): string[] {
  const lines = readFileSync(join(directory, results, 'attempts.jsonl'), 'utf8')
    .trim()
    .split('\n')
  return lines.map((line) => JSON.parse(line) as AttemptRow).map(({ test, state }) => `${state} ${test}`)
}

test.each([
  ['Vitest', ['unit'], ['passed unit/one.test.ts', 'passed unit/two.test.ts']],
  ['FMF', ['--fmf', 'tree'], ['passed /a', 'passed /b']],
])('tests of %s run on two hosts', async (kind, words, expected) => {
  const running = start(['pool', 'run', ...words, ...alone, `${kind}-here`], { env })
  const working = start(['pool', 'work', ...alone, `${kind}-there`], { env })
  onTestFinished(() => {
    for (const { child } of [working, running]) child.kill('SIGKILL')
  })
  const [ran, worked] = await Promise.all([running.ended, working.ended])
  expect([ran, worked]).toMatchObject([{ code: 0 }, { code: 0 }])
  expect([...attemptsIn(`${kind}-here`), ...attemptsIn(`${kind}-there`)].toSorted()).toEqual(expected)
  expect(attemptsIn(`${kind}-there`)).toHaveLength(1)
})

test('a host that leaves by Ctrl-C gives its test to the other host', async () => {
  const wait = `test "$TEST_SERVICES_ATTEMPT" = 2 || until test -e ${join(directory, 'go')}; do sleep 0.05; done`
  const lines = ['first', 'second'].map((name) => `touch ${join(directory, name)}; ${wait}`)
  const commands = write('leaving', lines.join('\n'))
  const running = start(['pool', 'run', '--commands', commands, ...alone, 'stays'], { env })
  const working = start(['pool', 'work', ...alone, 'leaves'], { env })
  onTestFinished(() => {
    for (const { child } of [working, running]) child.kill('SIGKILL')
  })
  const begun = (): boolean => ['first', 'second'].every((name) => existsSync(join(directory, name)))
  await eventually('both tests run', begun, patienceMs)
  working.child.kill('SIGINT')
  expect(await working.ended).toMatchObject({ code: 130 })
  write('go', '')
  const { code, stderr } = await running.ended
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('on all hosts: 2 passed') })
  expect(attemptsIn('stays').toSorted()).toEqual(lines.map((line) => `passed ${line}`))
  expect(attemptsIn('leaves')).toEqual([expect.stringMatching(/^canceled touch /)])
})

test('Ctrl-C ends a host by 130 while no run has begun', async () => {
  const working = start(['pool', 'work', ...alone, 'early'], { env })
  onTestFinished(() => void working.child.kill('SIGKILL'))
  await useClient(env.TEST_SERVICES_QUEUE, async (client) => {
    const hasAsked = async (): Promise<boolean> => String(await client.client('LIST')).includes(' cmd=get ')
    await eventually('the host has asked for a run', hasAsked, patienceMs)
  })
  working.child.kill('SIGINT')
  expect(await working.ended).toMatchObject({ code: 130, stdout: '', stderr: '' })
})

test('a host without the project at the same path takes no test, and says so', async () => {
  const tests = [commandTest({ name: 'only', command: 'true' })]
  await using queue = await openQueue({ url: server.serviceConfig.url, tests, directories: ['/', '/nosuch/project'] })
  const { code, stderr } = await run(['pool', 'work', ...alone, 'lost'], { env })
  expect(code).toBe(2)
  expect(stderr).toMatch(/^error: the run of \S+ needs \/nosuch\/project, and this host has no such directory: .*\n$/)
  expect(queue.left).toBe(1)
})
