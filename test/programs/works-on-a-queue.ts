import { appendFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { createProvisioner } from '../../src/pool/machines/create-provisioner.ts'
import type { Machine } from '../../src/pool/machines/machine.ts'
import type { MachineMaker } from '../../src/pool/machines/machine-maker.ts'
import { sshMachines } from '../../src/pool/machines/ssh-machines.ts'
import { Pool } from '../../src/pool/pool.ts'
import { joinQueue } from '../../src/pool/queue/open-queue.ts'
import type { PoolTest } from '../../src/pool/tests/pool-test.ts'
import { createResults } from '../../src/results/results-directory.ts'

/**
 * Joins the run of a queue with two machines, whose tests of the kind `naps` write their names to a file. Says when it
 * has joined, the name of each test that begins, and the summary. Arguments: the URL of the queue, the results directory,
 * the file, and options of a host that has the machines. Without the last, tests run in this process.
 */
const [, , url = '', path = '', file = '', host] = process.argv

function naps(data: { readonly name: string; readonly ms: number }): PoolTest {
  const run: PoolTest['run'] = async ({ machine, signal }) => {
    appendFileSync(file, `${data.name}\n`)
    process.stdout.write(`${data.name}\n`)
    if (host === undefined) await pause(data.ms)
    else await machine.transport.run(['sleep', `${data.ms / 1_000}`], { signal })
    return { exitCode: 0, passed: true }
  }
  return { name: data.name, kind: 'naps', data, run }
}

const own: MachineMaker = {
  name: 'here',
  slots: 2,
  make: async (number) => ({
    name: `here-${process.pid}-${number}`,
    platform: 'here',
    transport: undefined as unknown as Machine['transport'],
    directory: '/',
    end: async () => {},
  }),
}
const machines =
  host === undefined ? createProvisioner(own) : sshMachines({ hosts: [{ ...JSON.parse(host), slots: 2 }] })

await using results = createResults({ path })
await using queue = await joinQueue({ url, kinds: { naps } })
process.stdout.write('joined\n')
const summary = await new Pool({ tests: queue, machines, results, project: path }).run()
process.stdout.write(`${JSON.stringify(summary)}\n`)
await machines.close()
