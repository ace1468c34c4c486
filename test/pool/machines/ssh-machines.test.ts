import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Machine, type Provisioner, sshMachines } from '../../../src/pool.ts'
import { readProcFile } from '../../../src/process/inspect/proc-file.ts'
import { caught } from '../../support/caught.ts'
import { newPool, testOf } from '../../support/controlled-tests.ts'
import { eventually } from '../../support/eventually.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { programArgv, startProgram } from '../../support/program.ts'
import { makeKey, type SshServer, startSshServer } from '../../support/ssh-server.ts'

useCleanState()
const directory = mkdtempSync(join(tmpdir(), 'ts-hosts-'))
const keys = mkdtempSync(join(tmpdir(), 'ts-keys-'))
let server: SshServer

beforeAll(async () => {
  server = await startSshServer()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  for (const path of [directory, keys]) rmSync(path, { recursive: true })
})
afterEach(() => expect(leftOnHost()).toEqual([]))

const host = () => server.options

function machinesOn(options: object = {}, slots = 2): Provisioner {
  return sshMachines({ hosts: [{ ...host(), slots }], directory, pauseMs: 1, ...options })
}

/** What machines have left on the host: directories, and processes that name one of them. */
function leftOnHost(): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const commands = pids.map((pid) => readProcFile(`/proc/${pid}/cmdline`) ?? '')
  const named = commands.filter((command) => command.includes(directory) && command.includes('test-services-watch'))
  return [...readdirSync(directory), ...named]
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}/exe`)
}

function connectionsMade(): number {
  return server.log().split('Connection from').length
}

async function outputOf({ transport, directory: place }: Machine, script: string): Promise<string> {
  let output = ''
  const onOutput = (chunk: Uint8Array): void => {
    output += Buffer.from(chunk).toString()
  }
  await transport.run(['sh', '-c', script], { directory: place, onOutput })
  return output
}

describe('a machine', () => {
  test('has an empty directory of its own, which goes when it is given back', async () => {
    await using provisioner = machinesOn()
    const machines = await Promise.all([provisioner.reserve(), provisioner.reserve()])
    expect(machines.map(({ name }) => name).sort()).toEqual([
      `${host().user}@127.0.0.1/1`,
      `${host().user}@127.0.0.1/2`,
    ])
    expect(machines[0].platform).toMatch(/^node\d+@/)
    for (const machine of machines) expect(await outputOf(machine, 'echo *; pwd > file')).toBe('*\n')
    expect(await outputOf(machines[0], 'cat file')).toBe(`${machines[0].directory}\n`)
    await machines[0].release()
    expect(readdirSync(directory)).toHaveLength(1)
    expect(await outputOf(machines[1], 'echo still there')).toBe('still there\n')
  })

  test('uses one connection together with the others of its host', async () => {
    await using provisioner = machinesOn()
    await Promise.all([provisioner.reserve(), provisioner.reserve()])
    const before = server.connections().length
    const machine = await provisioner.reserve({ signal: AbortSignal.timeout(50) }).catch(() => undefined)
    expect([machine, server.connections().length]).toEqual([undefined, before])
  })

  test('does not wait for a session that another machine of its host holds', async () => {
    await using provisioner = machinesOn({ platform: 'any' }, 10)
    const machines = await Promise.all(Array.from({ length: 10 }, () => provisioner.reserve()))
    let begun = 0
    const onOutput = (): void => void begun++
    const running = machines.flatMap(({ transport }) =>
      [1, 2].map(() => caught(transport.run(['sh', '-c', 'echo begun; exec sleep 600'], { onOutput }))),
    )
    await eventually('two commands run on each machine', () => begun === 20, 30_000)
    await provisioner.close()
    expect(await Promise.all(running)).toMatchObject(Array(20).fill({ code: 'ERR_STATE' }))
  })

  test('ends its own commands when it is given back, and no others', async () => {
    await using provisioner = machinesOn()
    const [first, second] = [await provisioner.reserve(), await provisioner.reserve()]
    const pids: number[] = []
    const sleep = (machine: Machine): Promise<unknown> =>
      machine.transport
        .run(['sh', '-c', 'echo $$; exec sleep 600'], {
          onOutput: (chunk) => void pids.push(Number(Buffer.from(chunk))),
        })
        .catch((thrown) => thrown)
    const running = sleep(first)
    await eventually('the first command runs', () => pids.length === 1)
    const other = sleep(second)
    await eventually('both commands run', () => pids.length === 2)
    await first.release()
    expect(await running).toMatchObject({ code: 'ERR_STATE' })
    expect(pids.map(isAlive)).toEqual([false, true])
    await second.release()
    expect(await other).toMatchObject({ code: 'ERR_STATE' })
  })

  test('ends by itself after its longest life: processes, watch and directory', async () => {
    await using provisioner = machinesOn({ longestLifeMs: 4_000, platform: 'any' })
    const machine = await provisioner.reserve()
    const ended = await machine.transport.run(['sh', '-c', `trap '' TERM; cd /; sleep 600; sleep 600`])
    expect(ended).toEqual({ exitCode: null, signal: 'SIGKILL' })
    await eventually('all of it is gone', () => leftOnHost().length === 0)
  })
})

describe('faults', () => {
  test('the machines of a process that is killed are gone within 5 seconds', async () => {
    const options = JSON.stringify({ hosts: [{ ...host() }], directory })
    const program = startProgram(programArgv('holds-machines.ts', 'ssh', options))
    await program.line()
    expect(readdirSync(directory)).toHaveLength(1)
    await program.kill()
    await eventually('all of it is gone', () => leftOnHost().length === 0)
  })

  test('a host that does not answer is tried again, and another host is preferred', async () => {
    const dead = { ...host(), port: 1 }
    await using provisioner = sshMachines({ hosts: [dead, { ...host(), slots: 1 }], directory, pauseMs: 1 })
    const machine = await provisioner.reserve()
    expect(machine.name).toMatch(/@127.0.0.1\/2$/)
    expect(await caught(provisioner.reserve())).toMatchObject({ code: 'ERR_TRANSPORT' })
  })

  test.for([
    ['an unknown host key', { knownHosts: '/dev/null' }, /the host key .* is unknown/],
    ['a refused key', { key: makeKey(join(keys, 'stranger')) }, /authentication failed/],
    ['a missing key', { key: '/no/such/key' }, /cannot read the private key/],
  ] as const)('%s ends the run of a pool after one connection', async ([, changes, reason]) => {
    const before = connectionsMade()
    await using machines = sshMachines({ hosts: [{ ...host(), ...changes, slots: 4 }], directory })
    const tests = ['a', 'b', 'c', 'd', 'e'].map((name) => testOf(name))
    const summary = await newPool({ tests, machines }).run()
    expect(summary).toMatchObject({ outcome: 'infra', notRun: 5, reason: expect.stringMatching(reason) })
    expect(connectionsMade() - before).toBeLessThanOrEqual(1)
  })

  test('the tests of a host that refuses the key run on another host', async () => {
    const before = connectionsMade()
    const refusing = { ...host(), knownHosts: '/dev/null', slots: 2 }
    await using machines = sshMachines({ hosts: [refusing, { ...host(), slots: 1 }], directory, pauseMs: 1 })
    const tests = ['a', 'b', 'c'].map((name) => testOf(name, () => true, { tags: ['destructive'] }))
    expect(await newPool({ tests, machines }).run()).toMatchObject({ outcome: 'passed', passed: 3 })
    expect(connectionsMade() - before).toBe(2)
  })

  test('a host that comes back ends the last machine, and serves the next one', async () => {
    await using provisioner = machinesOn({ attempts: 100, pauseMs: 20 }, 1)
    const first = await provisioner.reserve()
    await server.stop()
    const released = caught(first.release())
    expect(await released).toMatchObject({ code: 'ERR_TRANSPORT' })
    const second = provisioner.reserve()
    await server.start()
    await second
    // The first machine was ended at the next contact.
    expect(readdirSync(directory)).toHaveLength(1)
  })
})

test('an invalid option is refused', () => {
  expect(() => sshMachines({ hosts: [] })).toThrow('sshMachines().hosts')
  expect(() => machinesOn({ directory: 'tmp' })).toThrow('an absolute path')
  expect(() => sshMachines({ hosts: [{ host: 'a', prot: 22 } as never] })).toThrow(/prot.*did you mean "port"/)
})
