import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { ResultsError } from '../../src/kernel/errors.ts'
import { openOutput } from '../../src/workflow/output/output-directory.ts'
import type { Script } from '../../src/workflow/script/script.ts'
import type { WorkflowEvent } from '../../src/workflow/workflow-event.ts'
import { caught } from '../support/caught.ts'
import { leftovers, useCleanState } from '../support/left-nothing.ts'
import { WorkflowGround } from '../support/workflow-ground.ts'

const { stateDirectory } = useCleanState()
const ground = (): WorkflowGround => new WorkflowGround(stateDirectory)

test('a command is on record, with its output in order and its state', async () => {
  const on = ground()
  const { state } = await on.run([{ name: 'build', run: ['echo out; echo err >&2; exit 3'], directory: '/tmp' }])
  expect(state).toMatchObject({ outcome: 'failed', steps: [{ name: 'build', state: 'failed', folder: '001_build' }] })
  expect(on.state).toEqual(JSON.parse(JSON.stringify(state)))
  expect(on.text('001_build/cmd_01.output')).toBe('out\nerr\n')
  expect(on.command('001_build/cmd_01')).toMatchObject({
    command: 'echo out; echo err >&2; exit 3',
    directory: '/tmp',
    exitCode: 3,
    done: true,
  })
  expect(statSync(join(on.output, '001_build/cmd_01.output')).mode & 0o777).toBe(0o600)
})

test('the first command that fails ends its step; later steps run, or not as asked', async () => {
  const steps = [
    { name: 'bad', run: ['false', 'echo never'] },
    { name: 'next', run: ['true'] },
  ]
  const on = ground()
  await on.run(steps)
  expect(on.state.steps.map(({ state }) => state)).toEqual(['failed', 'passed'])
  expect(readdirSync(join(on.output, '001_bad')).sort()).toEqual(['cmd_01.output', 'cmd_01.state'])
  await on.run(steps, { failFast: true })
  expect(on.state.steps.map(({ state }) => state)).toEqual(['failed', 'skipped'])
})

test('an earlier output is moved to the archive; foreign files are refused', async () => {
  const on = ground()
  await on.run([{ name: 'one', run: ['echo first'] }])
  await on.run([{ name: 'one', run: ['echo second'] }])
  const [archived = ''] = readdirSync(join(on.directory, 'archive'))
  expect(existsSync(join(on.directory, 'archive', archived, '001_one/cmd_01.output'))).toBe(true)
  expect(on.text('001_one/cmd_01.output')).toBe('second\n')
  const asArchive = caught(openOutput(join(on.directory, 'archive'), { continues: false }))
  expect(await asArchive).toMatchObject({ code: 'ERR_RESULTS' })
  const other = ground()
  mkdirSync(other.output)
  writeFileSync(join(other.output, 'thesis.txt'), 'words')
  const error = await caught(other.run([]))
  expect(error).toMatchObject({ code: 'ERR_RESULTS', message: expect.stringContaining('thesis.txt') })
})

test('an unfinished record of a killed run does not block the directory, and goes', async () => {
  const on = ground()
  mkdirSync(on.output)
  writeFileSync(join(on.output, 'workflow.state.4711.new'), 'workflow: /')
  const { state } = await on.run([{ name: 'one', run: ['true'] }])
  expect(state.outcome).toBe('passed')
  expect(readdirSync(on.output).filter((name) => name.endsWith('.new'))).toEqual([])
})

test('an unfinished record of a command goes when the run goes on', async () => {
  const on = ground()
  const steps = [
    { name: 'one', run: ['true'] },
    { name: 'two', run: ['true'] },
  ]
  await on.run(steps)
  writeFileSync(join(on.output, '001_one/cmd_02.state.4711.new'), 'command: ')
  await on.run(steps, { from: 'two' })
  expect(readdirSync(join(on.output, '001_one')).sort()).toEqual(['cmd_01.output', 'cmd_01.state'])
})

test('a signal is told by name and as 128 and its number', async () => {
  const on = ground()
  await on.run([{ name: 'one', run: ['kill -9 $$'] }])
  expect(on.command('001_one/cmd_01')).toMatchObject({ exitCode: 137, signal: 'SIGKILL', done: true })
})

test('processes that commands leave have ended with the run, whatever they keep open', async () => {
  const on = ground()
  const left = [
    'sleep 600 &',
    'sleep 600 >/dev/null 2>&1 &',
    'setsid sleep 600 &',
    'setsid sleep 600 >/dev/null 2>&1 &',
  ]
  const { state } = await on.run(left.map((command, index) => ({ name: `leaves-${index}`, run: [command] })))
  expect(state.outcome).toBe('passed')
  expect(leftovers(stateDirectory)).toEqual([])
})

test('a step that takes too long ends with its processes', async () => {
  const on = ground()
  await on.run([{ name: 'slow', run: ['echo begun; sleep 60'], timeoutMs: 300 }])
  expect(on.state.steps[0]).toMatchObject({
    state: 'failed',
    error: 'the step slow took longer than its timeout of 0.3 s',
  })
  expect(on.text('001_slow/cmd_01.output')).toBe('begun\n')
  expect(on.command('001_slow/cmd_01')).toMatchObject({ done: false, error: '"echo begun; sleep 60" was canceled' })
})

test('a script runs commands, leaves artifacts, and fails by an error or by false', async () => {
  const on = ground()
  const works: Script = async (context) => {
    const ended = await context.run(['sh', '-c', 'printf "%s" "$0" "$GREETING"; exit 4', '$x'])
    context.log(`${ended.exitCode} ${await ended.output()}`)
    writeFileSync(join(context.artifacts, 'result.txt'), 'fine')
  }
  const throws: Script = () => {
    throw new Error('the board is gone')
  }
  await on.run([
    { name: 'works', script: works, environment: { GREETING: ' hello' } },
    { name: 'throws', script: throws },
    { name: 'refuses', script: () => false },
  ])
  expect(on.text('001_works/step.log')).toBe('4 $x hello\n')
  expect(on.text('001_works/artifacts/result.txt')).toBe('fine')
  expect(on.state.steps.map(({ state, error }) => [state, error])).toEqual([
    ['passed', undefined],
    ['failed', 'the board is gone'],
    ['failed', 'the script refuses returned false'],
  ])
})

test.each([
  [
    'a missing command',
    (context) => context.run(undefined as never),
    /^context\.run: expected a text or a list .* got nothing$/,
  ],
  [
    'a number in a command',
    (context) => context.run(['a', 1 as never]),
    /^context\.run: expected a text or a list .* got a list$/,
  ],
  ['an empty path', (context) => context.config(''), /^context\.config: expected a path such as "a\.b", but got ""$/],
  ['no path', (context) => context.config(undefined as never), /^context\.config: expected a path .* got nothing$/],
  [
    'a value that there is not',
    (context) => context.config('word'),
    /no value config\.word \(did you mean config\.wort\?\)/,
  ],
  [
    'one service',
    (context) => context.services('redis' as never),
    /^context\.services: expected a list of names, but got a text$/,
  ],
] satisfies [string, Script, RegExp][])('%s is refused in a script in words', async (_, script, message) => {
  const on = ground()
  await on.run([{ name: 'asks', script }], { config: { paths: () => ['wort'] } })
  expect(on.state.steps[0]?.error).toMatch(message)
  expect(existsSync(join(on.output, '001_asks/cmd_01.state'))).toBe(false)
})

test('a failure that a script tolerates is not shown for a later error', async () => {
  const on = ground()
  const script: Script = async (context) => {
    await context.run('echo tolerated; false')
    await context.run('true')
    throw new Error('the board is gone')
  }
  const fails: Script = async (context) => {
    await Promise.all([context.run('exit 3'), context.run('true')])
    return false
  }
  await on.run([
    { name: 'tolerates', script },
    { name: 'fails', script: fails },
  ])
  const failed = on.events.flatMap((event) => (event.type === 'step-end' ? [event.failed?.command] : []))
  expect(failed).toEqual([undefined, 'exit 3'])
})

test('a command that a script does not wait for ends with its step', async () => {
  const on = ground()
  const leaves: Script = (context) => {
    context.run('sleep 60').catch(() => {})
  }
  await on.run([{ name: 'leaves', script: leaves }])
  expect(on.command('001_leaves/cmd_01')).toMatchObject({ done: false })
})

test('an error of results in a script fails its step, and the next step runs', async () => {
  const on = ground()
  const refuses: Script = () => {
    throw new ResultsError('there are no results')
  }
  await on.run([
    { name: 'refuses', script: refuses },
    { name: 'next', run: ['true'] },
  ])
  expect(on.state).toMatchObject({
    outcome: 'failed',
    steps: [{ state: 'failed', error: 'there are no results' }, { state: 'passed' }],
  })
})

test('a canceled run has ended its command, and says so in all records', async () => {
  const on = ground()
  const canceling = new AbortController()
  const steps = [
    { name: 'long', run: ['echo begun; sleep 60'] },
    { name: 'never', run: ['true'] },
  ]
  const onEvent = ({ type }: WorkflowEvent): void => (type === 'output' ? canceling.abort() : undefined)
  const { state } = await on.run(steps, { signal: canceling.signal, onEvent })
  expect(state).toMatchObject({ outcome: 'canceled', steps: [{ state: 'canceled' }, { state: 'skipped' }] })
  expect(on.command('001_long/cmd_01')).toMatchObject({ done: false })
  expect(on.text('report.html')).toContain('canceled')
})

test('a run goes on from a step: earlier records stay, services start again', async () => {
  const on = ground()
  const started: string[] = []
  const steps = (last: string) => [
    { name: 'services', script: () => void started.push('services') },
    { name: 'build', run: ['echo built'] },
    { name: 'test', run: [last] },
  ]
  await on.run(steps('false'))
  const build = on.command('002_build/cmd_01')
  const { state } = await on.run(steps('true'), { from: 'test' })
  expect(state.steps.map((step) => step.state)).toEqual(['passed', 'passed', 'passed'])
  expect(started).toEqual(['services', 'services'])
  expect(on.command('002_build/cmd_01')).toEqual(build)
  expect(existsSync(join(on.directory, 'archive'))).toBe(false)
})

test('a run that goes on has passed only if all earlier steps have passed', async () => {
  const on = ground()
  const steps = ['build', 'test'].map((name) => ({ name, run: ['true'] }))
  await on.run(steps)
  for (const [left, kept] of Object.entries({ running: 'canceled', waiting: 'canceled', failed: 'failed' })) {
    const [build, test] = on.state.steps
    const earlier = { ...on.state, steps: [{ ...build, state: left }, test] }
    writeFileSync(join(on.output, 'workflow.state'), stringify(earlier))
    const { state, isInfrastructure } = await on.run(steps, { from: 'test' })
    expect(state, left).toMatchObject({ outcome: 'failed', steps: [{ state: kept }, { state: 'passed' }] })
    expect(isInfrastructure).toBe(false)
  }
})

test('a run does not go on from damaged records', async () => {
  const on = ground()
  mkdirSync(on.output)
  writeFileSync(join(on.output, 'workflow.state'), 'steps: [null]')
  expect(await caught(on.run([{ name: 'one', run: ['true'] }], { from: 'one' }))).toMatchObject({
    code: 'ERR_RESULTS',
    message: expect.stringContaining('missing or damaged'),
  })
})

test('only the named steps run, in the order of the file', async () => {
  const on = ground()
  const steps = ['one', 'two', 'three'].map((name) => ({ name, run: [`echo ${name}`] }))
  const { state } = await on.run(steps, { names: ['three', 'one'] })
  expect(state.steps.map((step) => step.state)).toEqual(['passed', 'skipped', 'passed'])
  expect(await caught(on.run(steps, { names: ['tree'] }))).toMatchObject({
    code: 'ERR_USAGE',
    message: expect.stringContaining('did you mean "three"?'),
  })
})

test('a second run in a directory is refused', async () => {
  const on = ground()
  let second: Error | undefined
  await on.run([
    {
      name: 'first',
      script: async () => {
        second = await caught(on.run([]))
      },
    },
  ])
  expect(second).toMatchObject({ code: 'ERR_STATE', message: expect.stringContaining('another workflow') })
})

test('secrets of the config are hidden in records and report, not in output', async () => {
  const on = ground()
  await on.run([{ name: 'login', run: ['echo hunter22'] }], { config: { secrets: ['hunter22'] } })
  expect(on.command('001_login/cmd_01').command).toBe('echo ********')
  expect(on.text('001_login/cmd_01.output')).toBe('hunter22\n')
  expect(on.text('report.html')).not.toContain('hunter22')
})

test('a secret that is equal to a state or a name does not damage the records', async () => {
  const on = ground()
  const steps = [{ name: 'build', run: ['echo build passed'] }]
  const { errors } = await on.run(steps, { config: { secrets: ['passed', 'build', '2026'] } })
  expect(errors).toEqual([])
  expect(on.state).toMatchObject({
    outcome: 'passed',
    steps: [{ name: 'build', folder: '001_build', state: 'passed' }],
  })
  expect(on.command('001_build/cmd_01').command).toBe('echo ******** ********')
  expect(existsSync(join(on.output, 'report.html'))).toBe(true)
})

test('secrets of the config are hidden in events for a display', async () => {
  const on = ground()
  const logs: Script = (context) => context.log('the password is hunter22')
  const steps = [
    { name: 'login', run: ['false hunter22'] },
    { name: 'logs', script: logs },
  ]
  await on.run(steps, { config: { secrets: ['hunter22'] } })
  const told = JSON.stringify(on.events)
  expect(told).toContain('false ********')
  expect(told).toContain('the password is ********')
  expect(told).not.toContain('hunter22')
})
