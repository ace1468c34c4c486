import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { CommandState, StepState, WorkflowState } from '../../../src/workflow/output/step-record.ts'

const begin = Date.UTC(2026, 0, 31, 12)
const at = (seconds: number): string => new Date(begin + seconds * 1_000).toISOString()

/** JSON is YAML. */
function writeState(path: string, state: unknown): void {
  writeFileSync(path, JSON.stringify(state))
}

function command(line: CommandState['command'], from: number, changes: Partial<CommandState> = {}): CommandState {
  const ended = { end: at(from + 1.25), elapsed: 1.25, exitCode: 0, done: true }
  return { command: line, transport: 'builder', begin: at(from), ...ended, ...changes }
}

interface ExampleStep extends Partial<StepState> {
  readonly name: string
  readonly commands?: readonly (CommandState & { readonly text?: string | Uint8Array })[]
  readonly log?: string
  readonly artifacts?: Readonly<Record<string, string>>
}

/** Returns the output directory of a workflow, removed after the test. */
export function useExampleWorkflow(
  ...example: [steps?: readonly ExampleStep[], changes?: Partial<WorkflowState>]
): string {
  const directory = mkdtempSync(join(tmpdir(), 'ts-workflow-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  writeExampleWorkflow(directory, ...example)
  return directory
}

/** Writes the output directory of a workflow, as a run leaves it. */
function writeExampleWorkflow(
  directory: string,
  steps: readonly ExampleStep[] = exampleSteps,
  changes: Partial<WorkflowState> = {},
): void {
  const states = steps.map((step, index) => writeStep(directory, step, index))
  writeState(join(directory, 'workflow.state'), {
    workflow: '/home/ada/board/workflow.yaml',
    doc: 'Builds the firmware tool, runs it on two boards beside a database, and collects the logs.',
    tags: ['nightly'],
    configs: ['/home/ada/board/lab.toml'],
    host: 'laptop',
    versions: { node: '20.20.0', 'test-services': '0.1.0' },
    begin: at(0),
    end: at(42.5),
    outcome: 'failed',
    steps: states,
    ...changes,
  })
  writeFileSync(join(directory, 'workflow.yaml'), 'steps:\n- name: build\n  run: |\n    make -j2\n')
}

function writeStep(directory: string, example: ExampleStep, index: number): StepState {
  const { commands = [], log, artifacts = {}, ...state } = example
  const folder = `${String(index + 1).padStart(3, '0')}_${state.name}`
  mkdirSync(join(directory, folder, 'artifacts'), { recursive: true })
  for (const [number, { text = '', ...own }] of commands.entries()) {
    const id = `cmd_${String(number + 1).padStart(2, '0')}`
    writeState(join(directory, folder, `${id}.state`), own)
    writeFileSync(join(directory, folder, `${id}.output`), text)
  }
  if (log !== undefined) writeFileSync(join(directory, folder, 'step.log'), log)
  for (const [name, text] of Object.entries(artifacts)) writeFileSync(join(directory, folder, 'artifacts', name), text)
  return { uses: 'run', transport: 'builder', state: 'passed', begin: at(index * 5), elapsed: 4.2, folder, ...state }
}

const exampleSteps: readonly ExampleStep[] = [
  {
    name: 'build',
    commands: [
      { ...command('uname -a', 0), text: 'Linux builder 6.1.0 x86_64 GNU/Linux\n' },
      {
        ...command('make -j2', 1.25),
        text: '\u001b[32mcc\u001b[0m -O2 -c tool.c\n\u001b[33mwarning:\u001b[0m unused x\n',
      },
    ],
  },
  { name: 'put', uses: 'put', commands: [command(['put', 'tool', '/opt/tool'], 5)], log: 'tool → board-1, board-2\n' },
  {
    name: 'test',
    transport: 'board-1',
    state: 'failed',
    error: 'the command "/opt/tool --self-test" ended with exit code 3',
    commands: [
      {
        ...command('/opt/tool --self-test "a b" </script><script>document.title = 1</script>', 10, {
          exitCode: 3,
          directory: '/opt',
          transport: 'board-1',
        }),
        text: `${'reading sensor\n'.repeat(400)}\u001b[31mself-test failed\u001b[0m: </script><b>no bold</b>\n`,
      },
    ],
    artifacts: { 'trace 1.txt': 'a trace\n' },
  },
  {
    name: 'soak',
    transport: 'board-2',
    state: 'canceled',
    commands: [
      { ...command('/opt/soak', 15, { done: false, exitCode: undefined, error: 'canceled by a signal' }), text: '' },
      {
        ...command('cat /dev/urandom | head -c 100', 18, { signal: 'SIGKILL', exitCode: 137 }),
        text: Buffer.from([0, 1, 2, 255]),
      },
    ],
  },
  { name: 'logs', state: 'skipped', begin: undefined, elapsed: undefined },
]
