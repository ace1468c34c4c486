import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runControlled } from '../../../src/pool/tests/controlled-run.ts'
import { type VitestFilesOptions, vitestFiles } from '../../../src/pool/tests/vitest-test.ts'
import { ssh } from '../../../src/transport/ssh.ts'
import { caught } from '../../support/caught.ts'
import { eventually } from '../../support/eventually.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { RecordedAttempt, TestMachine } from '../../support/recorded-attempt.ts'
import { type SshServer, startSshServer } from '../../support/ssh-server.ts'
import { vitestProject } from '../../support/vitest-project.ts'

useCleanState()

/** A lost connection costs some seconds. */
const patienceMs = 30_000

let server: SshServer
let machine: TestMachine
beforeAll(async () => {
  server = await startSshServer()
  machine = new TestMachine(ssh(server.options))
})
afterAll(async () => {
  await machine.release()
  await server[Symbol.asyncDispose]()
})

describe('a test that restarts its machine', () => {
  test('is started again when the machine is back, with the restart count raised', async () => {
    using attempt = new RecordedAttempt(machine)
    const running = run(attempt, 'announced', 'echo disconnect >&3')
    await reboot('announced')
    expect(await running).toEqual({ exitCode: 0, passed: true, restarts: 1 })
    expect(attempt).toMatchObject({ text: 'begun 0\nbegun 1\n', results: [{ status: 'pass' }] })
  })

  test('may end before the machine goes down', async () => {
    using attempt = new RecordedAttempt(machine)
    const running = run(attempt, 'ended', '[ $TEST_SERVICES_RESTARTS = 1 ] || { echo disconnect >&3; exit 0; }')
    await reboot('ended')
    expect(await running).toEqual({ exitCode: 0, passed: true, restarts: 1 })
    expect(attempt.text).toBe('begun 0\nbegun 1\nbegun 1\n')
  })

  test('could not be run if it has not said so', async () => {
    using attempt = new RecordedAttempt(machine)
    const running = caught(run(attempt, 'unannounced', 'echo noop >&3'))
    await reboot('unannounced')
    expect(await running).toMatchObject({ code: 'ERR_TRANSPORT' })
    expect(attempt.results).toEqual([])
  })

  test('could not be run if the machine does not come back within the limit', async () => {
    using attempt = new RecordedAttempt(machine)
    const running = caught(run(attempt, 'lost', 'echo duration 5 >&3; echo disconnect >&3'))
    await waitFor('lost')
    await server.stop()
    const error = await running
    await server.start()
    expect(error).toMatchObject({ code: 'ERR_TRANSPORT' })
    expect(error.message).toMatch(/^ssh:.* did not come back after the "disconnect" of the test: .* limit of 5 s$/)
  })

  test('sees its control descriptor closed after `disconnect`', async () => {
    using attempt = new RecordedAttempt(machine)
    const wait = `trap '' PIPE; echo disconnect >&3; while echo noop >&3; do :; done 2>/dev/null; echo closed`
    await run(attempt, 'closed', `[ $TEST_SERVICES_RESTARTS = 1 ] && exit; ${wait}; exit 1`)
    expect(attempt.text).toBe('begun 0\nclosed\nbegun 1\n')
  })
})

describe('a Vitest file', () => {
  const project = () => vitestProject({ '.git/HEAD': '' }, 'tells-its-place')

  test('runs in a copy of its project, which stays for the next', async () => {
    const directory = project()
    const first = await runFirst({ directory })
    writeFileSync(join(directory, 'later.txt'), '')
    const second = await runFirst({ directory })
    const copy = `${machine.directory}/project-[0-9a-f]{8}`
    for (const { text } of [first, second])
      expect(text).toMatch(new RegExp(`${copy},a.test.ts,lib,node_modules,package.json\n`))
    expect(first).toMatchObject({ results: [{ name: 'tells' }, { status: 'pass' }] })
  })

  test('runs in a project that is installed on the machine', async () => {
    const modules = join(process.cwd(), 'node_modules')
    const install = `[ ! -e node_modules ] && ln -s ${modules} node_modules && echo installed`
    const { text, results } = await runFirst({ directory: project(), install })
    expect(text).toMatch(/^installed\n/)
    expect(results).toMatchObject([{ name: 'tells' }, { status: 'pass' }])
  })

  test('could not be run if its project cannot be installed', async () => {
    const directory = project()
    const error = await caught(runFirst({ directory, install: 'exit 3' }))
    expect(error).toMatchObject({ code: 'ERR_COMMAND' })
    expect(error.message).toContain('"exit 3" on machine-1 ended with exit status 3')
  })
})

async function runFirst(options: VitestFilesOptions): Promise<RecordedAttempt> {
  const [file] = await vitestFiles(options)
  using attempt = new RecordedAttempt(machine)
  await file?.run(attempt)
  return attempt
}

/** Runs a test that says `begun`, does the action, and then waits, unless its machine was restarted meanwhile. */
function run(attempt: RecordedAttempt, mark: string, action: string) {
  const script = `echo begun $TEST_SERVICES_RESTARTS; [ -e ${mark} ] && exit; ${action}; touch ${mark}; sleep 1000`
  return runControlled(attempt, ['sh', '-c', script], { test: 'the test' })
}

/** Ends sshd and its connections once the test waits, and starts sshd again. */
async function reboot(mark: string): Promise<void> {
  await waitFor(mark)
  await server.stop()
  await server.start()
}

function waitFor(mark: string): Promise<unknown> {
  return eventually('the test has begun', () => existsSync(join(machine.directory, mark)), patienceMs)
}
