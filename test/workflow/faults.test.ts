import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { exitCodeOfCommand } from '../../src/cli/terminal/exit-codes.ts'
import { processExists } from '../../src/kernel/process-exists.ts'
import { eventually } from '../support/eventually.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { useSshServer } from '../support/ssh-server.ts'
import { useUserProject } from '../support/user-project.ts'

useCleanState()
const server = useSshServer()
const { directory, start, run, write } = useUserProject()

const record = (path: string) => parse(readFileSync(join(directory, path), 'utf8'))

/** Writes a config whose commands run over ssh. Returns its path. */
function overSsh(): string {
  return write('ssh.yaml', stringify({ transports: { board: { type: 'ssh', ...server().options } } }))
}

/** Starts a workflow with a service and a command that waits. Returns the pids of both. */
async function startWaiting(name: string, options: readonly string[] = []) {
  const steps = [
    '{ name: up, uses: services, with: { names: [web] } }',
    '{ name: wait, run: echo $$ $WEB_URL; exec sleep 600 }',
  ]
  write(`${name}.yaml`, `steps: [${steps.join(', ')}]`)
  const running = start(['workflow', `${name}.yaml`, '--monitor', '--output', name, ...options])
  const line = /wait \| (\d+) (http:\S+)\n/
  await running.said(line)
  const [, pid, url = ''] = line.exec(running.heard()) ?? []
  const service = await (await fetch(url)).text()
  return { ...running, command: Number(pid), service: Number(service) }
}

test('a killed run leaves whole records and no process; a later run starts', async () => {
  const running = await startWaiting('killed')
  running.child.kill('SIGKILL')
  await running.ended
  expect(record('killed/002_wait/cmd_01.state')).toMatchObject({ done: false })
  expect(record('killed/workflow.state')).toMatchObject({
    outcome: 'running',
    steps: [{ state: 'passed' }, { state: 'running' }],
  })
  expect(readFileSync(join(directory, 'killed/002_wait/cmd_01.output'), 'utf8')).toContain(`${running.command}`)
  await eventually('the end of the command', () => !processExists(running.command))
  await eventually('the end of the service', () => !processExists(running.service))
  const report = await run(['report', 'killed'])
  expect(report, report.stderr).toMatchObject({ code: 0 })
  const next = await run(['workflow', 'killed.yaml', 'up', '--output', 'killed'])
  expect(next, next.stderr).toMatchObject({ code: 0 })
  expect(readdirSync(join(directory, 'archive'))).toHaveLength(1)
})

test('Ctrl-C ends a command over ssh within 5 s, and its services; its report is there', async () => {
  const running = await startWaiting('far', ['-c', overSsh()])
  expect(server().commands()).toContain(running.command)
  running.child.kill('SIGINT')
  await eventually('the end of the command', () => !processExists(running.command), 5_000)
  const { code, stderr } = await running.ended
  expect(code, stderr).toBe(130)
  expect(processExists(running.service)).toBe(false)
  expect(record('far/002_wait/cmd_01.state')).toMatchObject({ transport: 'board', done: false })
  expect(record('far/workflow.state')).toMatchObject({
    outcome: 'canceled',
    steps: [{ state: 'passed' }, { state: 'canceled' }],
  })
  expect(readFileSync(join(directory, 'far/report.html'), 'utf8')).toContain('was canceled')
})

test('a run killed again and again always leaves records that can be read', async () => {
  write(
    'many.yaml',
    `steps:\n${Array.from({ length: 40 }, (_, n) => `  - { name: s${n}, run: [echo ${n}, echo x] }\n`).join('')}`,
  )
  for (let round = 1; round <= 5; round++) {
    const output = `many-${round}`
    const running = start(['workflow', 'many.yaml', '--output', output, '--monitor'])
    await running.said(`s${round * 6} | x`)
    running.child.kill('SIGKILL')
    await running.ended
    const files = readdirSync(join(directory, output), { recursive: true, encoding: 'utf8' })
    const states = files.filter((file) => file.endsWith('.state'))
    expect(states.length).toBeGreaterThan(round * 6)
    for (const file of states) expect(record(`${output}/${file}`), file).toBeTypeOf('object')
  }
})

test('an output directory that cannot be made is one clear error, and nothing runs', async () => {
  write('one.yaml', 'steps: [{ name: one, run: touch ran }]')
  write('file', 'text')
  for (const output of ['file', 'file/below', '/proc/nothing']) {
    const { code, stderr } = await run(['workflow', 'one.yaml', '--output', output])
    expect(stderr, output).toMatch(/^error: .*(file|nothing)/)
    expect(stderr.trim().split('\n'), output).toHaveLength(1)
    expect(code).toBe(2)
  }
  expect(existsSync(join(directory, 'ran'))).toBe(false)
  expect(readFileSync(join(directory, 'file'), 'utf8')).toBe('text')
})

/** Starts a workflow that ignores Ctrl-C, and sends Ctrl-C until the workflow ends. */
async function interruptAgain(name: string, options: readonly string[] = []) {
  const running = start(['workflow', `${name}.yaml`, '--monitor', '--output', name, ...options])
  await running.said('deaf | listens to nobody')
  const startedAt = performance.now()
  running.child.kill('SIGINT')
  const again = setInterval(() => running.child.kill('SIGINT'), 200)
  const { code: exitCode, signal } = await running.ended
  clearInterval(again)
  // A signal after the very end of the workflow ends the process: a shell tells both alike.
  return {
    code: exitCodeOfCommand({ exitCode, signal }),
    tookMs: performance.now() - startedAt,
    state: record(`${name}/workflow.state`),
  }
}

const canceled = { outcome: 'canceled', steps: [{ state: 'canceled' }] }
const deaf = `trap '' INT TERM; echo listens to nobody $$; while :; do sleep 0.1; done`

test('a second Ctrl-C does not wait for a command that ignores the first', async () => {
  write('deaf.yaml', `steps: [{ name: deaf, run: "${deaf}" }]`)
  const { tookMs, ...ended } = await interruptAgain('deaf')
  expect(ended).toMatchObject({ code: 130, state: canceled })
  expect(tookMs).toBeLessThan(4_000)
  expect(record('deaf/001_deaf/cmd_01.state')).toMatchObject({ done: false })
})

test('a second Ctrl-C does not wait for a command over ssh that ignores the first', async () => {
  write('far-deaf.yaml', `steps: [{ name: deaf, run: "${deaf}" }]`)
  const { tookMs, ...ended } = await interruptAgain('far-deaf', ['-c', overSsh()])
  expect(ended).toMatchObject({ code: 130, state: canceled })
  expect(tookMs).toBeLessThan(4_000)
  const output = readFileSync(join(directory, 'far-deaf/001_deaf/cmd_01.output'), 'utf8')
  const pid = Number(/nobody (\d+)/.exec(output)?.[1])
  await eventually('the end of the command', () => !processExists(pid))
})

test('a second Ctrl-C does not wait for a script that ignores the first', async () => {
  const body = 'context.log("listens to nobody"); return new Promise(() => setInterval(() => {}, 1_000))'
  write('workflow-scripts/deaf.mjs', `export default (context) => { ${body} }`)
  write('deaf-script.yaml', 'steps: [{ name: deaf, uses: deaf }]')
  const { tookMs, ...ended } = await interruptAgain('deaf-script')
  expect(ended).toMatchObject({ code: 130, state: canceled })
  expect(tookMs).toBeLessThan(8_000)
})

test('an error that a script throws aside fails its step', async () => {
  writeFileSync(join(directory, 'aside.yaml'), 'steps: [{ name: one, uses: aside }, { name: two, run: "true" }]')
  write(
    'workflow-scripts/aside.mjs',
    'export default async () => { void Promise.reject(new Error("forgotten")); await new Promise((go) => setTimeout(go, 50)) }',
  )
  const { code, stderr } = await run(['workflow', 'aside.yaml', '--output', 'aside'])
  expect(stderr).toContain('forgotten')
  expect(code).toBe(1)
  expect(existsSync(join(directory, 'aside/report.html'))).toBe(true)
})
