import { once } from 'node:events'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { findAccount } from '../../src/action/user/account.ts'
import { type ActionPlan, script } from '../../src/index.ts'
import { identify } from '../../src/process/inspect/identity.ts'
import { Session } from '../../src/session.ts'
import { caught } from '../support/caught.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { noOtherUser, useOtherUser } from '../support/other-user.ts'
import { programArgv, startProgram } from '../support/program.ts'

useCleanState()

function sh(text: string, plan: Partial<ActionPlan> = {}): ActionPlan {
  return { command: ['sh', '-c', text], ...plan }
}

describe.skipIf(noOtherUser !== undefined)(`as another user${noOtherUser ? ` (${noOtherUser})` : ''}`, () => {
  const { name: user, uid, gid } = noOtherUser ? { name: '', uid: 0, gid: 0 } : useOtherUser()

  test('actions run with its uid and gid and no other group, and without our secrets', async () => {
    process.env.OUR_SECRET = 'sesame'
    await using session = new Session({ user })
    await session.runAction(sh('echo "who $(id -u) $(id -g) $(id -G) $USER:$OUR_SECRET"'))
    delete process.env.OUR_SECRET
    expect(readFileSync(session.logFile, 'utf8')).toContain(`who ${uid} ${gid} ${gid} ${user}:\n`)
  })

  test('files and directories can be read by that user, and nobody else', async () => {
    await using session = new Session({ user, pathMappingRules: [{ source: '/a', destination: '/b' }] })
    const status = await session.runAction({
      embeddedFiles: { data: { data: 'for its eyes\n' }, run: { data: '#!/bin/sh\ncat "$@"\n', runnable: true } },
      command: ({ files, pathMappingFile }) => [files.run ?? '', files.data ?? '', pathMappingFile],
    })
    expect(status).toMatchObject({ state: 'success' })
    expect(readFileSync(session.logFile, 'utf8')).toContain('for its eyes\n{"version":"pathmapping-1.0"')
    expect(statSync(session.workingDirectory)).toMatchObject({ uid, gid })
    expect(statSync(session.workingDirectory).mode & 0o777).toBe(0o700)
    await session.runAction(sh('find . -printf "%U:%G %m %y\\n" | sort -u > listing'))
    const listing = readFileSync(`${session.workingDirectory}/listing`, 'utf8').trim().split('\n')
    expect(listing.filter((line) => !line.startsWith(`${uid}:${gid} `))).toEqual([])
    expect(listing).toEqual(
      expect.arrayContaining([`${uid}:${gid} 600 f`, `${uid}:${gid} 700 d`, `${uid}:${gid} 700 f`]),
    )
  })

  test('a cancel reaches its processes, and cancel_info.json is its to read', async () => {
    const session = new Session({ user })
    const text = 'trap "cat cancel_info.json; echo; exit 3" TERM; echo openjd_status: up; while :; do sleep 0.02; done'
    const running = session.runAction(sh(text, { cancelation: { mode: 'notify-then-terminate', graceMs: 600_000 } }))
    for await (const event of session) if (event.kind === 'action' && event.status.statusMessage === 'up') break
    session.cancel()
    expect(await running).toMatchObject({ state: 'canceled', exitCode: 3 })
    expect(readFileSync(session.logFile, 'utf8')).toMatch(/^\{"NotifyEnd":/m)
    await session.end()
  })

  test('a script gets ready where root may not look into processes of others', async () => {
    const wrap = process.getuid?.() === 0 ? ['setpriv', '--bounding-set', '-sys_ptrace'] : []
    const serving = startProgram([...wrap, ...programArgv('serves-as-another.ts', user)])
    expect(await serving.line()).toBe('ready')
    await once(serving.child, 'exit')
  })

  test('the clean-up reaches what it leaves behind: processes and files', async () => {
    const session = new Session({ user })
    const stay = "sh -c 'echo $$ >> pids; exec sleep 600' > /dev/null 2>&1"
    const text = `mkdir -m 500 locked; touch pids; (setsid ${stay} &); (env -i setsid ${stay} &)`
    await session.enterEnvironment({ id: 'one', onEnter: sh(`${text}; until [ $(wc -l < pids) = 2 ]; do :; done`) })
    const { workingDirectory } = session
    const pids = readFileSync(`${workingDirectory}/pids`, 'utf8').trim().split('\n').map(Number)
    expect(pids.map((pid) => identify(pid)?.pid)).toEqual(pids)
    await session.end()
    expect(existsSync(workingDirectory)).toBe(false)
    expect(pids.map(identify)).toEqual([undefined, undefined])
  })

  test('a script runs as it, and its directory is out of reach for others', async () => {
    const onEnter = sh(
      'echo hers >> "$TEST_SERVICES_LOG"; echo "openjd_env: WHO=$(id -un)"; echo "openjd_env: MODE=$(stat -c %a .)"',
    )
    await using session = new Session({ services: { one: script({ user, onEnter }) } })
    await session.enter()
    expect(session.configs.one).toEqual({ who: user, mode: '700' })
  })
})

describe('a user without permission cannot act as another user', () => {
  test('is told so before anything is made, also where there is no sudo', async () => {
    const asNobody = { uid: 65_534, gid: 65_534 }
    const identity = process.getuid?.() === 0 ? asNobody : {}
    const argv = programArgv('asks-for-another-user.ts')
    const { line } = startProgram(argv, { ...identity, cwd: '/', env: { PATH: '/nowhere' } })
    expect(JSON.parse(await line())).toEqual({
      code: 'ERR_PERMISSION',
      message: expect.stringMatching(
        /^cannot act as user "root": there is no sudo in PATH; .* ALL=\(root\) NOPASSWD: /,
      ),
    })
  })

  test('is told of a user that does not exist', async () => {
    expect(() => findAccount('no-such-user')).toThrow(expect.objectContaining({ code: 'ERR_CONFIG' }))
    const session = new Session({ user: 'no-such-user' })
    expect(await caught(session.runAction(sh('true')))).toMatchObject({ code: 'ERR_CONFIG' })
    await session.end()
  })
})
