import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TransportOptions } from '../../src/config/transport-options.ts'
import { startSshServer } from '../../test/support/ssh-server.ts'
import { WorkflowGround } from '../../test/support/workflow-ground.ts'
import type { Figure } from '../figure.ts'
import type { Ground } from '../ground.ts'
import { interleave } from '../rounds.ts'
import { summarise } from '../statistics.ts'
import type { Subject } from '../subject.ts'
import { masterOptions } from './ssh.ts'

const commands = 20
/** How much longer than `--version` a workflow of one command may take: this factor, and the limit of the figure. */
const versionFactor = 1.5

/** What a workflow adds to its commands. */
export const workflow: Subject = { title: 'A workflow', measure }

async function measure(ground: Ground, rounds: number): Promise<Figure[]> {
  const file = join(ground.directory, 'workflow.yaml')
  writeFileSync(file, 'steps: [{ name: one, run: "true" }]\n')
  await using server = await startSshServer()
  const client = ['ssh', ...server.clientOptions, ...masterOptions(server)]
  const { host } = server.options
  // The first one becomes the master, and outlives its command.
  await ground.time([...client, '-f', '-N', host])
  const there: TransportOptions = { type: 'ssh', ...server.options }
  try {
    const samples = await interleave(rounds, {
      workflow: () => ground.time([...ground.command, 'workflow', file]),
      version: () => ground.time([...ground.command, '--version']),
      here: () => commandsOn(ground, { type: 'local' }, bareSpawn),
      there: () => commandsOn(ground, there, async () => (await ground.time([...client, host, 'true'])).ms),
    })
    return figuresOf(samples)
  } finally {
    await ground.time([...client, '-O', 'exit', host])
  }
}

interface Commands {
  /** A command of a workflow. */
  readonly ms: number
  readonly bareMs: number
}

interface Samples {
  readonly workflow: { readonly ms: readonly number[] }
  readonly version: { readonly ms: readonly number[] }
  readonly here: Columns<Commands>
  readonly there: Columns<Commands>
}

type Columns<Row> = { readonly [Key in keyof Row]: readonly number[] }

function figuresOf({ workflow: whole, version, here, there }: Samples): Figure[] {
  return [
    {
      what: 'a workflow of one `true`, its records and its report',
      unit: 'ms',
      samples: whole.ms,
      peers: [{ what: '`test-services --version`', samples: version.ms }],
    },
    {
      what: `of these, beyond ${versionFactor} times \`--version\``,
      unit: 'ms',
      samples: whole.ms.map((ms, round) => ms - versionFactor * (version.ms[round] ?? Number.NaN)),
      limits: [{ of: 'median', atMost: 30 }],
    },
    {
      what: `a command on this machine beyond its bare spawn, the median of ${commands}`,
      unit: 'ms',
      samples: here.ms.map((ms, round) => ms - (here.bareMs[round] ?? Number.NaN)),
      limits: [{ of: 'median', atMost: 3 }],
    },
    {
      what: `a command over ssh, the median of ${commands}`,
      unit: 'ms',
      samples: there.ms,
      peers: [{ what: '`ssh` with `ControlMaster`', samples: there.bareMs, atLeastTimes: 0.77 }],
    },
  ]
}

/** Measures commands of a step, each beside a bare one. */
async function commandsOn(
  { directory }: Ground,
  machine: TransportOptions,
  bare: () => Promise<number>,
): Promise<Commands> {
  const [ours, others]: [number[], number[]] = [[], []]
  const script = async ({ run }: { run(command: string): Promise<unknown> }): Promise<void> => {
    await run('true')
    for (let number = 0; number < commands; number++) {
      const startedAt = performance.now()
      await run('true')
      ours.push(performance.now() - startedAt)
      others.push(await bare())
    }
  }
  await new WorkflowGround(directory).run(
    [{ name: 'many', script: (context) => script({ run: (command) => context.run(command) }) }],
    { transports: { machine } },
  )
  return { ms: summarise(ours).median, bareMs: summarise(others).median }
}

async function bareSpawn(): Promise<number> {
  const startedAt = performance.now()
  const child = spawn('sh', ['-c', 'true'], { stdio: ['ignore', 'pipe', 'inherit'] })
  child.stdout.resume()
  await once(child, 'close')
  return performance.now() - startedAt
}
