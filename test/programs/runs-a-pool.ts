import { mkdirSync, rmSync } from 'node:fs'
import { createProvisioner } from '../../src/pool/machines/create-provisioner.ts'
import { Pool } from '../../src/pool/pool.ts'
import type { PoolTest } from '../../src/pool/tests/pool-test.ts'
import { createResults } from '../../src/results/results-directory.ts'
import { local } from '../../src/transport/local.ts'

/**
 * Runs a test that passes, and then two that never end, on two machines, and stops at SIGINT as the command does. Says
 * when both tests run, each signal, and the summary. Arguments: the results directory, and what the tests do at SIGTERM.
 */
const [, , path = '', trap = 'exit 0'] = process.argv
const patienceMs = 600_000

const endless = (name: string): PoolTest =>
  shell(name, `trap '${trap}' TERM; echo begun; while :; do sleep 600 & wait; done`)

function shell(name: string, script: string): PoolTest {
  const run: PoolTest['run'] = async (attempt) => {
    const argv = ['sh', '-c', script]
    const onOutput = async (chunk: Uint8Array): Promise<void> => {
      await attempt.output(chunk)
      if (`${Buffer.from(chunk)}`.startsWith('begun')) process.stdout.write(`${name} runs\n`)
    }
    const { machine, signal } = attempt
    const { exitCode } = await machine.transport.run(argv, { signal, onOutput, graceMs: patienceMs })
    return { exitCode: exitCode ?? undefined, passed: exitCode === 0 }
  }
  return { name, kind: 'shell', data: script, run }
}

const machines = createProvisioner({
  name: 'here',
  slots: 2,
  make: async (number) => {
    const directory = `${path}-machine-${number}`
    mkdirSync(directory)
    const transport = local()
    const end = async (): Promise<void> => {
      await transport.close()
      rmSync(directory, { recursive: true, force: true })
    }
    return { name: `here-${number}`, platform: 'here', transport, directory, end }
  },
})

const pool = new Pool({
  tests: [shell('passes', 'true'), endless('first'), endless('second')],
  machines,
  project: path,
  results: createResults({ path, versions: {}, config: null }),
})
let signals = 0
process.on('SIGINT', () => {
  void pool.stop({ force: signals++ > 0 })
  process.stdout.write(`signal ${signals}\n`)
})
const summary = await pool.run()
process.stdout.write(`${JSON.stringify(summary)}\n`)
process.exit(0)
