import { readFileSync, statSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { pidsNaming } from '../support/container-engine.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { oddArguments } from '../support/odd-arguments.ts'
import { type TestStep, WorkflowGround } from '../support/workflow-ground.ts'
import {
  askRedis,
  type MachineKind,
  machineKinds,
  redisAnswer,
  useWorkflowMachines,
} from '../support/workflow-machines.ts'

const { stateDirectory } = useCleanState()
const machines = useWorkflowMachines()

const ground = (): WorkflowGround => new WorkflowGround(stateDirectory)

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
      await context.run(['sh', '-c', 'printf "%s|" "$@"', 'sh', ...oddArguments])
    },
  },
]

/** All outputs and ends of a workflow on one kind of machine. */
async function outputsOn(kind: MachineKind): Promise<Record<string, unknown>> {
  const on = ground()
  await on.run(workflow, { transports: { machine: machines.optionsOf(kind) } })
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

test('a workflow gives equal outputs here, over ssh and in containers, byte for byte', async () => {
  const here = await outputsOn('local')
  expect(here['001_lines/cmd_03']).toMatchObject({ output: '\0\u0001\u00ff\u001b[31mred', exitCode: 0, done: true })
  expect(here['002_end0/cmd_01']).toMatchObject({ exitCode: 3 })
  expect(here['003_end1/cmd_01']).toMatchObject({ exitCode: 137, signal: 'SIGKILL' })
  expect(here['006_script/cmd_01']).toMatchObject({
    output: Buffer.from(`${oddArguments.join('|')}|`).toString('latin1'),
  })
  for (const kind of machineKinds.slice(1))
    expect(withoutShellNames(await outputsOn(kind)), kind).toEqual(withoutShellNames(here))
})

/** Shells word a missing program differently: only the exit code counts. */
function withoutShellNames(outputs: Record<string, unknown>): Record<string, unknown> {
  const { '005_end3/cmd_01': missing, ...others } = outputs
  return { ...others, missing: (missing as { exitCode: number }).exitCode }
}

/** A word in the arguments of a command, by which its processes are found in containers, too. */
let words = 0
const newWord = (): string => `600.${process.pid}${++words}`

describe.each(machineKinds)('on %s', (kind) => {
  const choice = () => ({ transports: { machine: machines.optionsOf(kind) } })

  test('an endless output ends with the time of its step, and its command', async () => {
    const on = ground()
    const word = newWord()
    const endless = `while :; do echo "no end in sight, no end in sight, no end in sight ${word}"; done`
    // The first step connects, which takes long on a busy machine.
    const steps = [
      { name: 'connect', run: ['true'] },
      { name: 'endless', run: [`setsid sleep ${word} & ${endless}`], timeoutMs: 1_000 },
      { name: 'gone', script: () => expect(pidsNaming(word)).toEqual([]) },
    ]
    await on.run(steps, choice())
    expect(on.state.steps[1]).toMatchObject({
      state: 'failed',
      error: 'the step endless took longer than its timeout of 1 s',
    })
    expect(on.state.steps[2]).toMatchObject({ state: 'passed' })
    expect(statSync(`${on.output}/002_endless/cmd_01.output`).size).toBeGreaterThan(1_000)
    expect(statSync(`${on.output}/report.html`).size).toBeLessThan(20e6)
  })

  test('a canceled run ends the command on its machine', async () => {
    const on = ground()
    const word = newWord()
    const canceling = new AbortController()
    let whileRunning: number[] = []
    const onEvent = ({ type }: { readonly type: string }): void => {
      if (type !== 'output') return
      whileRunning = pidsNaming(word)
      canceling.abort()
    }
    const run = [`setsid sleep ${word} & echo $$; sleep ${word}`]
    const { state, errors } = await on.run([{ name: 'long', run }], { ...choice(), signal: canceling.signal, onEvent })
    expect([state.outcome, errors]).toEqual(['canceled', []])
    expect(on.command('001_long/cmd_01')).toMatchObject({ done: false })
    expect(whileRunning).not.toEqual([])
    expect(pidsNaming(word)).toEqual([])
  })
})

test('new containers are gone after their runs, and the running container runs still', async () => {
  const on = ground()
  expect(await machines.engine.containers()).toEqual([machines.container])
  await on.run([{ name: 'still', run: ['echo here'] }], {
    transports: { machine: machines.optionsOf('running container') },
  })
  expect(on.text('001_still/cmd_01.output')).toBe('here\n')
})

const askSteps: readonly TestStep[] = [
  { name: 'up', script: (context) => context.services(['redis']) },
  { name: 'there', run: [askRedis] },
  { name: 'here', transport: 'initiator', run: [`${askRedis}; echo $LP_REDIS_PIDFILE`] },
]

test.each(machineKinds.slice(1))(
  'services of this machine are reached over %s, through forwarded ports',
  async (kind) => {
    const on = ground()
    const { state, errors } = await on.run(askSteps, { transports: { machine: machines.optionsOf(kind) } })
    expect(errors).toEqual([])
    expect(state, on.text('002_there/cmd_01.output')).toMatchObject({ outcome: 'passed' })
    expect(on.text('002_there/cmd_01.output')).toBe(redisAnswer)
    expect(on.text('003_here/cmd_01.output')).toMatch(/^\+OK\r\n\+PONG\r\n\+OK\r\n\/.*\n$/)
  },
)

test('a container with its own network cannot reach services, and the step says why', async () => {
  const on = ground()
  const own = { type: 'container', image: machines.image, network: 'own' } as const
  const summary = await on.run(askSteps, { transports: { own } })
  expect(summary).toMatchObject({ isInfrastructure: true, errors: [] })
  expect(on.state.steps[1]?.error).toContain('start the container with the network of the host')
  expect(on.state.steps[2]).toMatchObject({ state: 'passed' })
})

test('the limit of a step ends the forwarding of a port over a silent connection', async () => {
  const on = ground()
  const signalAll = (name: NodeJS.Signals) => () => {
    for (const pid of machines.server().connections()) process.kill(pid, name)
  }
  const steps: readonly TestStep[] = [
    { name: 'connect', run: ['true'] },
    { name: 'up', script: (context) => context.services(['redis']) },
    { name: 'silence', script: signalAll('SIGSTOP') },
    { name: 'stuck', run: ['true'], timeoutMs: 500 },
    { name: 'again', script: signalAll('SIGCONT') },
  ]
  await on.run(steps, { transports: { machine: machines.optionsOf('ssh') } })
  const stuck = on.state.steps[3]
  expect(stuck?.error).toMatch(/^the step stuck took longer than/)
  expect(stuck?.elapsed).toBeLessThan(4.5)
})

test('a machine out of reach fails its step, and only machines were missing', async () => {
  const on = ground()
  const machine = { type: 'ssh', ...machines.server().options, port: 1 } as const
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
}, 180_000)
