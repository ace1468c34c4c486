import { readFileSync, statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TransportOptions } from '../../src/config/transport-options.ts'
import { processExists } from '../../src/kernel/process-exists.ts'
import type { WorkflowEvent } from '../../src/workflow/workflow-event.ts'
import { machineImage, useTestEngine } from '../support/container-engine.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { type SshServer, startSshServer } from '../support/ssh-server.ts'
import { type TestStep, WorkflowGround } from '../support/workflow-ground.ts'

const { stateDirectory } = useCleanState()
const image = 'localhost/machine:1'
useTestEngine({ [image]: machineImage })
let server: SshServer
beforeAll(async () => {
  server = await startSshServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const kinds = ['local', 'ssh', 'container'] as const
type Kind = (typeof kinds)[number]

function choiceOf(kind: Kind): TransportOptions {
  if (kind === 'local') return { type: 'local' }
  return kind === 'ssh' ? { type: 'ssh', ...server.options } : { type: 'container', image }
}

const ground = (): WorkflowGround => new WorkflowGround(stateDirectory)

/** Everything that a shell between us and the command could spoil. */
const horrors = [
  '',
  ' ',
  "it's",
  '"',
  '\\',
  '$HOME',
  '`id`',
  '$(id)',
  '!x',
  '*',
  '~',
  '-n',
  ';',
  '&',
  'ä€😀',
  'a\nb\n',
  '%s',
  '\t',
]

const lines = [
  `printf '%s|' "it's" "$GREETING" '$HOME' "\\$(id)" \\\\ '*' "a  b" 'ä€😀'`,
  "printf 'no newline'",
  "printf '\\000\\001\\377\\033[31mred'",
  'for i in 1 2 3; do echo out $i; echo err $i >&2; done',
  'i=0; while [ $i -lt 3000 ]; do echo "line $i of a longer output"; i=$((i + 1)); done',
  'cat; echo "input has ended"',
  'cd /tmp && pwd',
] as const

const ends = ['exit 3', 'kill -9 $$', 'kill -TERM $$', '/no/such/program'] as const

const workflow: readonly TestStep[] = [
  { name: 'lines', run: lines, environment: { GREETING: `it's "$HOME"\nand \`more\`` } },
  ...ends.map((line, index) => ({ name: `end${index}`, run: [line] })),
  {
    name: 'script',
    script: async (context) => {
      await context.run(['sh', '-c', 'printf "%s|" "$@"', 'sh', ...horrors])
    },
  },
]

/** All outputs and ends of a workflow on one kind of machine. */
async function outputsOn(kind: Kind): Promise<Record<string, unknown>> {
  const on = ground()
  await on.run(workflow, { transports: { machine: choiceOf(kind) } })
  const commands = [
    ...lines.map((_, index) => `001_lines/cmd_0${index + 1}`),
    ...ends.map((_, index) => `00${index + 2}_end${index}/cmd_01`),
    '006_script/cmd_01',
  ]
  const entries = commands.map((path) => {
    const { exitCode, signal, done } = on.command(path)
    return [path, { output: readFileSync(`${on.output}/${path}.output`).toString('latin1'), exitCode, signal, done }]
  })
  return Object.fromEntries(entries)
}

test('a workflow gives equal outputs here, over ssh and in a container, byte for byte', async () => {
  const here = await outputsOn('local')
  expect(here['001_lines/cmd_03']).toMatchObject({ output: '\0\u0001\u00ff\u001b[31mred', exitCode: 0, done: true })
  expect(here['002_end0/cmd_01']).toMatchObject({ exitCode: 3 })
  expect(here['003_end1/cmd_01']).toMatchObject({ exitCode: 137, signal: 'SIGKILL' })
  expect(here['006_script/cmd_01']).toMatchObject({
    output: Buffer.from(`${horrors.join('|')}|`).toString('latin1'),
  })
  expect(withoutShellNames(await outputsOn('ssh'))).toEqual(withoutShellNames(here))
  expect(withoutShellNames(await outputsOn('container'))).toEqual(withoutShellNames(here))
})

/** Shells word a missing program differently: only the exit code counts. */
function withoutShellNames(outputs: Record<string, unknown>): Record<string, unknown> {
  const { '005_end3/cmd_01': missing, ...others } = outputs
  return { ...others, missing: (missing as { exitCode: number }).exitCode }
}

describe.each(kinds)('on %s', (kind) => {
  test('an endless output ends with the time of its step', async () => {
    const on = ground()
    const endless = 'while :; do echo "no end in sight, no end in sight, no end in sight"; done'
    // The first step connects, which takes long on a busy machine.
    const steps = [
      { name: 'connect', run: ['true'] },
      { name: 'endless', run: [endless], timeoutMs: 1_000 },
    ]
    await on.run(steps, { transports: { machine: choiceOf(kind) } })
    expect(on.state.steps[1]).toMatchObject({ state: 'failed', error: 'the step endless took longer than 1000 ms' })
    expect(statSync(`${on.output}/002_endless/cmd_01.output`).size).toBeGreaterThan(1_000)
    expect(statSync(`${on.output}/report.html`).size).toBeLessThan(20e6)
  })

  test('a canceled run ends the command on its machine', async () => {
    const on = ground()
    const canceling = new AbortController()
    let pid = -1
    const onEvent = (event: WorkflowEvent): void => {
      if (event.type !== 'output') return
      pid = Number(Buffer.from(event.chunk).toString())
      canceling.abort()
    }
    const transports = { machine: choiceOf(kind) }
    const run = ['echo $$; sleep 600 & wait']
    const { state } = await on.run([{ name: 'long', run }], { transports, signal: canceling.signal, onEvent })
    expect(state.outcome).toBe('canceled')
    expect(on.command('001_long/cmd_01')).toMatchObject({ done: false })
    // The container had its own numbers, and is gone.
    if (kind !== 'container') expect(processExists(pid)).toBe(false)
  })
})

test('services of this machine are reached over ssh, through forwarded ports', async () => {
  const on = ground()
  const ask =
    'exec 3<>/dev/tcp/127.0.0.1/$LP_REDIS_PORT; printf "AUTH %s\\r\\nPING\\r\\nQUIT\\r\\n" $LP_REDIS_PASSWORD >&3; cat <&3'
  const steps: readonly TestStep[] = [
    { name: 'up', script: (context) => context.services(['redis']) },
    { name: 'there', script: (context) => context.run(['bash', '-c', ask]) },
    {
      name: 'here',
      transport: 'initiator',
      script: (context) => context.run(['bash', '-c', `${ask}; echo $LP_REDIS_PIDFILE`]),
    },
    { name: 'ports', run: ['echo $LP_REDIS_PORT'] },
  ]
  const { state, errors } = await on.run(steps, { transports: { machine: choiceOf('ssh') } })
  expect(errors).toEqual([])
  expect(state).toMatchObject({ outcome: 'passed' })
  expect(on.text('002_there/cmd_01.output')).toBe('+OK\r\n+PONG\r\n+OK\r\n')
  expect(on.text('003_here/cmd_01.output')).toMatch(/^\+OK\r\n\+PONG\r\n\+OK\r\n\/.*\n$/)
})

test('a machine out of reach fails its step, and only machines were missing', async () => {
  const on = ground()
  const machine = { type: 'ssh', ...server.options, port: 1 } as const
  const summary = await on.run(
    [
      { name: 'one', run: ['true'] },
      { name: 'two', run: ['true'], transport: 'initiator' },
    ],
    {
      transports: { machine },
    },
  )
  expect(summary).toMatchObject({
    isInfrastructure: true,
    state: { steps: [{ state: 'failed' }, { state: 'passed' }] },
  })
  expect(on.command('001_one/cmd_01')).toMatchObject({ done: false })
})

test('1,000 commands of a step are all on record', async () => {
  const on = ground()
  const many: TestStep['script'] = async (context) => {
    for (let number = 1; number <= 1_000; number++) await context.run(['echo', `${number}`])
  }
  await on.run([{ name: 'many', script: many }])
  expect(on.state.outcome).toBe('passed')
  expect(on.text('001_many/cmd_01.output')).toBe('1\n')
  expect(on.text('001_many/cmd_1000.output')).toBe('1000\n')
})
