import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { runControlled } from '../../../src/pool/tests/controlled-run.ts'
import type { AttemptEnd } from '../../../src/pool/tests/pool-test.ts'
import { caught } from '../../support/caught.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { RecordedAttempt, TestMachine } from '../../support/recorded-attempt.ts'

useCleanState()
const machine = new TestMachine()
afterAll(() => machine.release())

/** A function for scripts: `report JSON [CONTENT OF FILES]`. */
const report = `report() { printf 'result %s\\n%s%s' "$(printf %s "$1" | wc -c)" "$1" "$2" >&3; }; `

describe('a result', () => {
  test('is that of the test itself or of a part, with its files', async () => {
    using attempt = new RecordedAttempt(machine)
    const end = await run(attempt, [
      `report '{"status":"pass","name":"part","note":"fine","took":3,"files":[{"name":"a/log","length":5}]}' 12345`,
      `report '{"status":"pass","files":[{"name":"x","length":1},{"name":"y","length":2}],"testout":"all.txt"}' xyy`,
      'exit 3',
    ])
    expect(attempt.results).toEqual([
      { status: 'pass', name: 'part', note: 'fine', files: ['a/log'], other: { took: 3 } },
      { status: 'pass', files: ['x', 'y'], testout: 'all.txt' },
    ])
    expect(attempt.files).toEqual({ 'part/a/log': '12345', '/x': 'x', '/y': 'yy' })
    // The test has judged itself.
    expect(end).toEqual({ exitCode: 3, passed: true })
  })

  test('is closed by the end of the test if it is partial', async () => {
    using attempt = new RecordedAttempt(machine)
    await run(attempt, [
      `report '{"status":"error","name":"b","partial":true,"files":[{"name":"log","length":2}]}' b1`,
      `report '{"status":"error","name":"a","partial":true,"files":[{"name":"log","length":2}]}' a1`,
      `report '{"name":"b","partial":true,"files":[{"name":"log","length":2}]}' b2`,
      `report '{"status":"pass","name":"a"}'`,
      'exit 1',
    ])
    expect(attempt.results).toEqual([
      { status: 'pass', name: 'a', files: ['log'] },
      { status: 'error', name: 'b', files: ['log'] },
      { status: 'fail', note: 'exit status 1; 1 of 2 results failed: b', testout: 'output.txt' },
    ])
    expect(attempt.files).toEqual({ 'a/log': 'a1', 'b/log': 'b1b2' })
  })

  test('comes from the exit code if the test reports none for itself', async () => {
    using passing = new RecordedAttempt(machine)
    expect(await run(passing, ['echo out; echo err >&2'])).toEqual({ exitCode: 0, passed: true })
    expect(passing.results).toEqual([{ status: 'pass', testout: 'output.txt' }])
    expect(passing.text).toBe('out\nerr\n')
    using killed = new RecordedAttempt(machine)
    expect(await run(killed, ['kill -9 $$'])).toEqual({ exitCode: undefined, signal: 'SIGKILL', passed: false })
    expect(killed.results).toEqual([{ status: 'fail', note: 'signal SIGKILL', testout: 'output.txt' }])
    using failing = new RecordedAttempt(machine)
    await run(failing, [`printf 'first\\n\\033[31mwhy\\033[0m\\n\\n'; exit 3`])
    expect(failing.results).toEqual([{ status: 'fail', note: 'exit status 3: why', testout: 'output.txt' }])
  })

  test('has what the services wrote if the test failed', async () => {
    using attempt = new RecordedAttempt(machine, { logs: { db: 'ERROR: no such table\n', silent: '' } })
    await run(attempt, ['exit 1'])
    expect(attempt.results).toMatchObject([{ status: 'fail', files: ['service-db.log'] }])
    expect(attempt.files).toEqual({ '/service-db.log': 'ERROR: no such table\n' })
  })

  test('makes the test fail if a part has failed, whatever the exit code', async () => {
    using attempt = new RecordedAttempt(machine)
    expect(await run(attempt, [`report '{"status":"fail","name":"part"}'`])).toEqual({ exitCode: 0, passed: false })
    const note = '1 of 1 results failed: part'
    expect(attempt.results.at(-1)).toEqual({ status: 'pass', note, testout: 'output.txt' })
  })

  test('does not hide that the test was killed after it', async () => {
    using attempt = new RecordedAttempt(machine)
    const end = await run(attempt, [`report '{"status":"pass"}'`, 'kill -9 $$'])
    expect(end).toEqual({ exitCode: undefined, signal: 'SIGKILL', passed: false })
    expect(attempt.results.at(-1)).toEqual({ status: 'error', note: 'signal SIGKILL', testout: 'output.txt' })
  })
})

test('`exitcode` is the exit code of the test, whatever that of its command', async () => {
  using attempt = new RecordedAttempt(machine)
  expect(await run(attempt, ['echo exitcode 4 >&3; exit 0'])).toEqual({ exitCode: 4, passed: false })
  expect(attempt.results).toEqual([{ status: 'fail', note: 'exit status 4', testout: 'output.txt' }])
})

test('the command knows its test, its attempt and its descriptor', async () => {
  using attempt = new RecordedAttempt(machine, { environment: { LP_DB_URL: 'url', OWN: 'pool' } })
  await runControlled(attempt, ['sh', '-c', 'env; pwd'], {
    test: '/a test',
    environment: (restarts) => ({ OWN: `${restarts}` }),
  })
  const lines = attempt.text.split('\n')
  const expected = [
    'LP_DB_URL=url',
    'TEST_SERVICES_TEST=/a test',
    'TEST_SERVICES_ATTEMPT=1',
    'TEST_SERVICES_RESTARTS=0',
  ]
  expect(lines).toEqual(expect.arrayContaining([...expected, 'OWN=0', 'ATEX_TEST_CONTROL=3', machine.directory]))
})

describe('a test that breaks the protocol', () => {
  test('is ended, and the error has the line', async () => {
    using attempt = new RecordedAttempt(machine)
    const error = await caught(
      run(attempt, [`report '{"status":"pass","name":"before"}'`, 'echo reslut 5 >&3; exec sleep 1000']),
    )
    expect(error).toMatchObject({ code: 'ERR_CONTROL' })
    expect(error.message).toContain('"reslut 5"')
    expect(attempt.results).toEqual([{ status: 'pass', name: 'before' }])
  })

  test('leaves its open results on record', async () => {
    using attempt = new RecordedAttempt(machine)
    const lines = [
      `report '{"status":"error","name":"open","partial":true}'`,
      'echo duration restore >&3; exec sleep 1000',
    ]
    const error = await caught(run(attempt, lines))
    expect(error.message).toContain('"duration restore": no duration is saved')
    expect(attempt.results).toEqual([{ status: 'error', name: 'open' }])
  })

  test('has done so too if it dies in the middle of a result', async () => {
    using attempt = new RecordedAttempt(machine)
    const lines = [`report '{"status":"pass","files":[{"name":"log","length":100}]}' 'a part'`, 'kill -9 $$']
    const error = await caught(run(attempt, lines))
    expect(error).toMatchObject({ code: 'ERR_CONTROL' })
    expect(error.message).toContain('the test ended 94 bytes before the end of its file log')
    expect(attempt).toMatchObject({ results: [], files: { '/log': 'a part' } })
  })
})

describe('the limit', () => {
  test('is changed by `duration`, and kept on a stack', async () => {
    using attempt = new RecordedAttempt(machine, { limitMs: 5 * 60_000 })
    const words = ['noop', '+60', 'save', '30m', 'save', '2h', 'restore', '-10m', 'restore', '-120']
    const script = words.map(
      (word) => `echo ${word === 'noop' ? word : `duration ${word}`} >&3; report '{"status":"pass","name":"${word}"}'`,
    )
    await run(attempt, script)
    expect(attempt.minutesLeft.slice(0, words.length)).toEqual([5, 6, 6, 30, 30, 120, 30, 20, 6, 4])
  })

  test('ends a test with the result `error`, and what it has reported', async () => {
    using attempt = new RecordedAttempt(machine)
    const lines = [`report '{"status":"error","name":"half","partial":true}'`, 'echo duration 0.1 >&3; exec sleep 1000']
    expect(await run(attempt, lines)).toEqual({ exitCode: undefined, passed: false })
    expect(attempt.results).toEqual([
      { status: 'error', name: 'half' },
      { status: 'error', note: 'the test took longer than its limit of 0.1 s', testout: 'output.txt' },
    ])
  })

  test('is not the reason when the attempt is canceled', async () => {
    using attempt = new RecordedAttempt(machine)
    const running = caught(run(attempt, [`report '{"status":"pass","name":"begun"}'`, 'exec sleep 1000']))
    await expect.poll(() => attempt.results.length).toBe(1)
    attempt.cancel()
    expect(await running).toMatchObject({ code: 'ERR_CANCELED' })
  })
})

test('a daemon that holds the output of a test open does not keep the test', async () => {
  using attempt = new RecordedAttempt(machine)
  const begun = performance.now()
  await run(attempt, ['echo begun; (setsid sleep 1000 &) ; sleep 1000 & exit 0'])
  expect(attempt.text).toBe('begun\n')
  expect(performance.now() - begun).toBeLessThan(20_000)
})

test('`disconnect` closes the descriptor, and the test begins again when it has ended', async () => {
  using attempt = new RecordedAttempt(machine)
  const mark = join(machine.directory, 'restarted')
  const end = await run(attempt, [
    `if [ "$TEST_SERVICES_RESTARTS" = 1 ]; then echo again; report '{"status":"pass"}'; exit; fi`,
    `trap '' PIPE; echo disconnect >&3; while echo noop >&3; do :; done 2>/dev/null`,
    `touch ${mark}; echo rebooting; kill -9 $$`,
  ])
  expect(existsSync(mark)).toBe(true)
  expect(end).toEqual({ exitCode: 0, passed: true, restarts: 1 })
  expect(attempt).toMatchObject({ text: 'rebooting\nagain\n', results: [{ status: 'pass' }] })
})

function run(attempt: RecordedAttempt, script: readonly string[]): Promise<AttemptEnd> {
  return runControlled(attempt, ['sh', '-c', report + script.join('\n')], { test: 'the test' })
}
