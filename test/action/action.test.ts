import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { useActions } from '../support/actions.ts'
import { caught } from '../support/caught.ts'
import { processesOf, useCleanState } from '../support/left-nothing.ts'
import { programArgv } from '../support/program.ts'

const { stateDirectory } = useCleanState()
const actions = useActions()
type Argv = readonly [string, ...string[]]

describe('an action', () => {
  test('that ends with status 0 is a success, and tells each state', async () => {
    const { run, statuses } = actions.sh('exit 0')
    expect(await run()).toEqual({ state: 'success', exitCode: 0 })
    expect(statuses.map(({ state }) => state)).toEqual(['running', 'success'])
  })

  test('that ends with another status has failed', async () => {
    expect(await actions.sh('exit 7').run()).toEqual({ state: 'failed', exitCode: 7 })
  })

  test('that a signal ends has failed with 128 + its number', async () => {
    expect(await actions.sh('kill -TERM $$').run()).toEqual({ state: 'failed', exitCode: 143, signal: 'SIGTERM' })
  })

  test('with a missing program fails, without an exit code and with the reason', async () => {
    const { run } = actions.create({ command: ['no-such-program'] })
    expect(await run()).toMatchObject({ state: 'failed', error: { code: 'ERR_MISSING_BINARY' } })
  })

  test('with a missing working directory fails with the reason', async () => {
    const { run } = actions.sh('true', { directory: '/nonexistent' })
    expect(await run()).toMatchObject({ state: 'failed', error: { code: 'ERR_COMMAND' } })
  })

  test('runs once', async () => {
    const { action, run } = actions.sh('true')
    await run()
    expect(await caught(action.run())).toMatchObject({ code: 'ERR_STATE' })
  })

  test('has an empty standard input, and its standard error is in order with its output', async () => {
    const { run, output } = actions.sh('cat; echo one; echo two >&2; echo three')
    await run()
    expect(output()).toBe('one\ntwo\nthree\n')
  })

  test('has the given environment and nothing of ours', async () => {
    const { run, output } = actions.create(
      { command: ['/usr/bin/env'] },
      { environment: { PATH: '/usr/bin:/bin', A: "it's\n$(b)", 'a.b': 'dotted' } },
    )
    await run()
    const marks = /^TEST_SERVICES_(RUN|INSTANCE)=|^(PWD|OLDPWD|SHLVL|_)=/
    const lines = output()
      .split('\n')
      .filter((line) => line !== '' && !marks.test(line))
    expect(lines.sort()).toEqual(['$(b)', "A=it's", 'PATH=/usr/bin:/bin', 'a.b=dotted'])
  })

  test('is on record before it begins', async () => {
    const journal = join(actions.run().directory, 'journal.jsonl')
    const { run, output } = actions.sh(`echo $$; cat ${journal}`)
    await run()
    const [pid = '', ...lines] = output().split('\n')
    expect(lines.join('\n')).toContain(`"pid":${pid},`)
  })

  test('emits progress, status and failure as they come, and openjd_fail fails it', async () => {
    const script = 'echo openjd_progress: 40; echo openjd_status: half; echo openjd_fail: not really'
    const { run, statuses } = actions.sh(script)
    const last = { state: 'failed', exitCode: 0, progress: 40, statusMessage: 'half', failMessage: 'not really' }
    expect(await run()).toEqual(last)
    expect(statuses).toEqual([
      { state: 'running' },
      { state: 'running', progress: 40 },
      { state: 'running', progress: 40, statusMessage: 'half' },
      { state: 'running', progress: 40, statusMessage: 'half', failMessage: 'not really' },
      last,
    ])
  })

  test('tells the variables that it sets, in order', async () => {
    const { run, messages } = actions.sh(
      'echo openjd_env: A=1; echo openjd_unset_env: B; echo openjd_redacted_env: C=3',
    )
    await run()
    expect(messages).toEqual([
      { kind: 'env', name: 'A', value: '1', isSecret: false },
      { kind: 'unset_env', name: 'B' },
      { kind: 'env', name: 'C', value: '3', isSecret: true },
    ])
  })

  test.each(['openjd_env: FOO', 'openjd_env : A=b', 'OPENJD_ENV: A=b', 'openjd_env: "A=b', 'openjd_unset_env: A=b'])(
    'that says "%s" is canceled and has failed',
    async (line) => {
      const { run, statuses } = actions.sh(`echo '${line}'; exec sleep 600`)
      expect(await run()).toMatchObject({ state: 'failed', exitCode: 137, failMessage: expect.stringContaining(line) })
      expect(statuses.map(({ state }) => state).filter((state, index, all) => state !== all[index - 1])).toEqual([
        'running',
        'canceling',
        'failed',
      ])
    },
  )

  test('that says something malformed with its last breath has failed as well', async () => {
    for (const _ of Array(10)) {
      expect(await actions.sh('echo openjd_env: FOO').run()).toMatchObject({ state: 'failed' })
    }
  })

  test('that says openjd_progress: 101 succeeds, and its line says what is wrong', async () => {
    const { run, output } = actions.sh('echo openjd_progress: 101')
    expect(await run()).toEqual({ state: 'success', exitCode: 0 })
    expect(output()).toContain('openjd_progress: 101 -- ERROR: progress is a number from 0 to 100')
  })

  test('never shows a secret: not in its output, its messages, its command', async () => {
    const script =
      'echo openjd_redacted_env: K=sesame; echo sesame; echo openjd_fail: sesame; echo openjd_status: sesame'
    const { run, output, statuses, notes, messages } = actions.sh(script)
    await run()
    expect(JSON.stringify([output(), statuses, notes])).not.toContain('sesame')
    expect(messages).toMatchObject([{ name: 'K', value: 'sesame' }])
  })

  test('with a listener that throws goes on, and so does its output', async () => {
    const warned: Error[] = []
    const onWarning = (warning: Error): void => void warned.push(warning)
    process.on('warning', onWarning)
    const { run, output } = actions.sh(
      'echo openjd_progress: 1; echo after',
      {},
      {
        onEvent: () => {
          throw new Error('not now')
        },
      },
    )
    expect(await run()).toMatchObject({ state: 'success' })
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', onWarning)
    expect(output()).toContain('after')
    expect(warned.map(({ message }) => message)).toContain('not now')
  })

  test('is ended, and fails with the reason, when its output cannot be read any more', async () => {
    const { run } = actions.sh(
      'echo x; exec sleep 600',
      {},
      {
        onLines: () => {
          throw new Error('the disk is full')
        },
      },
    )
    expect(await run()).toMatchObject({ state: 'failed', failMessage: 'the disk is full' })
  })
})

describe('output', () => {
  test('passes whole when it is 100 MB, in at most 32 MiB more memory', async () => {
    const hash = createHash('sha256')
    let length = 0
    let most = 0
    const command: Argv = ['sh', '-c', 'head -c 100000000 /dev/zero | tr "\\0" "x" | fold -w 99']
    const { run } = actions.create(
      { command },
      {
        onLines: (lines) => {
          length += lines.length
          hash.update(lines)
          most = Math.max(most, process.memoryUsage().rss)
        },
      },
    )
    const before = process.memoryUsage().rss

    expect(await run()).toMatchObject({ state: 'success' })
    expect(length).toBeGreaterThan(100_000_000)
    expect((most - before) / 1024 ** 2).toBeLessThan(32)
  })

  test('keeps every byte', async () => {
    const parts: Buffer[] = []
    const script = 'process.stdout.write(Buffer.from(Array.from({ length: 256 }, (_, i) => i)))'
    const { run } = actions.create(
      { command: [process.execPath, '-e', script] },
      { onLines: (lines) => void parts.push(lines) },
    )
    await run()
    const expected = Buffer.from([...Array.from({ length: 256 }, (_, index) => index), 0x0a])
    expect(Buffer.concat(parts).equals(expected)).toBe(true)
  })

  test('held open by a grandchild delays the end by at most 5 s, and ends the grandchild', async () => {
    const { run, notes } = actions.create({ command: programArgv('holds-output.sh') as unknown as Argv })
    const startedAt = performance.now()
    expect(await run()).toMatchObject({ state: 'success' })
    expect(performance.now() - startedAt).toBeLessThan(5_000 + 3_000)
    expect(notes.at(-1)).toContain('still held open')
    expect(processesOf(stateDirectory)).toEqual([])
  })
})

describe('embedded files', () => {
  test('know each other by their paths, and nobody else may read them', async () => {
    const { run, output, directory } = actions.create({
      command: ({ files }) => [files.main ?? ''],
      embeddedFiles: {
        main: {
          data: ({ data }) => `#!/bin/sh\ncat "${data}"; stat -c %a "$0" "${data}" "$(dirname "$0")"`,
          runnable: true,
        },
        data: { data: 'content\n', filename: 'data.txt' },
      },
    })
    expect(await run()).toMatchObject({ state: 'success' })
    expect(output()).toBe('content\n700\n600\n700\n')
    expect(existsSync(directory)).toBe(false)
  })

  test('that cannot be written fail the action before anything is started', async () => {
    const { run, directory, statuses } = actions.sh(
      `touch begun`,
      { embeddedFiles: { a: { data: 'a' } } },
      {
        filesDirectory: '/proc/nowhere/files',
      },
    )
    expect(await run()).toMatchObject({ state: 'failed', error: { code: 'ERR_ACTION' } })
    expect(statuses.at(-1)?.failMessage).toMatch(/cannot write .*\/proc\/nowhere\/files.*nothing was started/)
    expect(statuses.at(-1)).not.toHaveProperty('exitCode')
    expect(existsSync(join(directory, 'begun'))).toBe(false)
    expect(readFileSync(join(actions.run().directory, 'journal.jsonl'), 'utf8')).not.toContain('touch begun')
  })

  test.each(['../escape', '/etc/passwd', '', '..', 'a/b'])('with the filename "%s" are refused', async (filename) => {
    const { run } = actions.sh('true', { embeddedFiles: { a: { data: 'a', filename } } })
    expect(await run()).toMatchObject({ state: 'failed', error: { code: 'ERR_CONFIG' } })
  })

  test('are refused when two have one name', async () => {
    const file = { data: 'a', filename: 'same' }
    const { run } = actions.sh('true', { embeddedFiles: { a: file, b: file } })
    expect(await run()).toMatchObject({ state: 'failed', error: { code: 'ERR_CONFIG' } })
  })
})

test('a hundred quick actions in a row do not deadlock', async () => {
  for (let count = 0; count < 100; count++) {
    expect(await actions.sh(`echo ${count}`).run()).toMatchObject({ state: 'success' })
  }
}, 60_000)
