import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { processExists } from '../../src/kernel/process-exists.ts'
import { caught } from '../support/caught.ts'
import { eventually } from '../support/eventually.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { useUserProject } from '../support/user-project.ts'
import { WorkflowGround } from '../support/workflow-ground.ts'

const { stateDirectory } = useCleanState()
const { directory, start, run, write } = useUserProject()

const record = (path: string) => parse(readFileSync(join(directory, path), 'utf8'))

test('a killed run leaves whole records and no process, and blocks no later run', async () => {
  const steps = ['{ name: up, uses: services, with: { names: [web] } }', '{ name: wait, run: echo $$; exec sleep 600 }']
  write('killed.yaml', `steps:\n${steps.map((step) => `  - ${step}\n`).join('')}`)
  const running = start(['workflow', 'killed.yaml', '--monitor', '--output', 'killed'])
  await running.said(/wait \| \d+\n/)
  const pid = Number(/wait \| (\d+)/.exec(running.heard())?.[1])
  running.child.kill('SIGKILL')
  await running.ended
  expect(record('killed/002_wait/cmd_01.state')).toMatchObject({ done: false })
  expect(record('killed/workflow.state')).toMatchObject({
    outcome: 'running',
    steps: [{ state: 'passed' }, { state: 'running' }],
  })
  expect(readFileSync(join(directory, 'killed/002_wait/cmd_01.output'), 'utf8')).toContain(`${pid}`)
  const report = await run(['report', 'killed'])
  expect(report, report.stderr).toMatchObject({ code: 0 })
  const next = await run(['workflow', 'killed.yaml', 'up', '--output', 'killed'])
  expect(next, next.stderr).toMatchObject({ code: 0 })
  expect(readdirSync(join(directory, 'archive'))).toHaveLength(1)
  await eventually('the end of the command', () => !processExists(pid))
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

test('a full disk is one clear error; what was written stays, and the command ends', async () => {
  const on = new WorkflowGround(stateDirectory)
  mkdirSync(on.output)
  execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=128k,mode=700', 'tmpfs', on.output])
  onTestFinished(() => void execFileSync('/bin/umount', ['--lazy', on.output]))
  const failed = await caught(
    on.run([{ name: 'fills', run: ['echo $$; while :; do echo more and more and more; done'] }]),
  )
  expect(failed).toMatchObject({ code: 'ERR_RESULTS', message: expect.stringMatching(/is full.*make room/) })
  expect(statSync(join(on.output, '001_fills/cmd_01.output')).size).toBeGreaterThan(10_000)
  const pid = Number.parseInt(on.text('001_fills/cmd_01.output'), 10)
  expect(processExists(pid)).toBe(false)
  expect(on.state.steps[0]?.name).toBe('fills')
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

test('a second Ctrl-C does not wait for a command that ignores the first', async () => {
  write('deaf.yaml', `steps: [{ name: deaf, run: "trap '' INT TERM; echo deaf; while :; do sleep 0.1; done" }]`)
  const running = start(['workflow', 'deaf.yaml', '--monitor', '--output', 'deaf'])
  await running.said('deaf | deaf')
  const startedAt = performance.now()
  running.child.kill('SIGINT')
  const again = setInterval(() => running.child.kill('SIGINT'), 200)
  const { code } = await running.ended
  clearInterval(again)
  expect(code).toBe(130)
  expect(performance.now() - startedAt).toBeLessThan(4_000)
  expect(record('deaf/001_deaf/cmd_01.state')).toMatchObject({ done: false })
})

test('a second Ctrl-C does not wait for a script that ignores the first', async () => {
  const body = 'context.log("listens to nobody"); return new Promise(() => setInterval(() => {}, 1_000))'
  write('workflow-scripts/deaf.mjs', `export default (context) => { ${body} }`)
  write('deaf-script.yaml', 'steps: [{ name: deaf, uses: deaf }]')
  const running = start(['workflow', 'deaf-script.yaml', '--monitor', '--output', 'deaf-script'])
  await running.said('listens to nobody')
  const startedAt = performance.now()
  running.child.kill('SIGINT')
  const again = setInterval(() => running.child.kill('SIGINT'), 200)
  const { code } = await running.ended
  clearInterval(again)
  expect(code).toBe(130)
  expect(performance.now() - startedAt).toBeLessThan(8_000)
  expect(record('deaf-script/workflow.state')).toMatchObject({ outcome: 'canceled', steps: [{ state: 'canceled' }] })
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
