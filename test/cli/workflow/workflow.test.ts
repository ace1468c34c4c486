import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { useCleanState } from '../../support/left-nothing.ts'
import { useUserProject } from '../../support/user-project.ts'

useCleanState()
const { directory, run, start, write, copy } = useUserProject()

const record = (path: string) => parse(readFileSync(join(directory, path), 'utf8'))

test('a step that fails ends a workflow by 1, and says how; --monitor shows all output', async () => {
  write('fails.yaml', 'steps:\n  - { name: good, run: echo all is well }\n  - { name: bad, run: echo oh no; exit 7 }\n')
  const { code, stderr } = await run(['workflow', 'fails.yaml', '--output', 'out/fails', '--tag', 'a', '--tag', 'b'])
  expect(stderr).toMatch(/✔ good.*✖ bad .*exit code 7.*last lines of .*oh no.*1 passed, 1 failed.*report.html/s)
  expect(code).toBe(1)
  expect(record('out/fails/workflow.state')).toMatchObject({ tags: ['a', 'b'], outcome: 'failed' })
  expect(existsSync(join(directory, 'out/fails/report.html'))).toBe(true)
  const monitored = await run(['workflow', 'fails.yaml', 'good', '--output', 'out/fails', '--monitor'])
  expect(monitored.stderr).toContain('good | all is well\n')
  expect(monitored.code).toBe(0)
})

test('mistakes are told with their lines; without a file, workflows are listed', async () => {
  write('wrong.yaml', 'steps:\n  - { name: one, run: touch ran, uses: run }\n  - { name: one, runs: true }\n')
  const { code, stderr } = await run(['workflow', 'wrong.yaml'])
  expect(code).toBe(2)
  expect(stderr).toMatch(/wrong\.yaml:2:.*wrong\.yaml:3:/s)
  expect(existsSync(join(directory, 'workflow-output'))).toBe(false)
  expect(existsSync(join(directory, 'ran'))).toBe(false)
  const listed = await run(['workflow'])
  expect(listed).toMatchObject({ code: 2, stderr: expect.stringContaining('wrong.yaml') })
})

test('the copy in an output directory runs again in that directory', async () => {
  write('again.yaml', 'steps: [{ name: one, run: echo once more }]')
  await run(['workflow', 'again.yaml', '--output', 'out/again'])
  const { code, stderr } = await run(['workflow', 'out/again/workflow.yaml', '--output', 'out/again'])
  expect(code, stderr).toBe(0)
  expect(readFileSync(join(directory, 'out/again/workflow.yaml'), 'utf8')).toContain('echo once more')
})

test('an earlier output with the current directory in it is not moved', async () => {
  const file = write('here.yaml', 'steps: [{ name: one, run: "true" }]')
  await run(['workflow', file, '--output', 'out/here'])
  const { code, stderr } = await run(['workflow', file, '--output', '..'], { cwd: join(directory, 'out/here/001_one') })
  expect(stderr).toMatch(/out\/here cannot take the output: .* the current directory is in it/)
  expect(code).toBe(2)
  expect(existsSync(join(directory, 'out/here/report.html'))).toBe(true)
})

test('--lint runs nothing, --fail-fast ends at a failed step, --from goes on', async () => {
  write('goes.yaml', 'steps:\n  - { name: bad, run: "false" }\n  - { name: next, run: echo again >> goes }\n')
  const linted = await run(['workflow', 'goes.yaml', '--lint', '--output', 'out/goes'])
  expect(linted).toMatchObject({ code: 0, stderr: expect.stringContaining('no problem found') })
  expect(existsSync(join(directory, 'out/goes'))).toBe(false)
  const stopped = await run(['workflow', 'goes.yaml', '--fail-fast', '--output', 'out/goes'])
  expect(stopped).toMatchObject({ code: 1, stderr: expect.stringContaining('1 failed, 1 skipped') })
  expect(existsSync(join(directory, 'goes'))).toBe(false)
  const goneOn = await run(['workflow', 'goes.yaml', '--from', 'next', '--output', 'out/goes'])
  expect(goneOn).toMatchObject({ code: 1, stderr: expect.stringContaining('1 passed, 1 failed') })
  expect(readFileSync(join(directory, 'goes'), 'utf8')).toBe('again\n')
  expect(await run(['workflow', 'goes.yaml', '--from', 'nix'])).toMatchObject({ code: 2 })
})

test('Ctrl-C ends a workflow by 130, and its command and services; its report is there', async () => {
  const steps = ['{ name: up, uses: services, with: { names: [web] } }', '{ name: wait, run: echo $$; exec sleep 60 }']
  write('canceled.yaml', `steps:\n${steps.map((step) => `  - ${step}\n`).join('')}`)
  const running = start(['workflow', 'canceled.yaml', '--monitor', '--output', 'out/canceled'])
  await running.said(/wait \| \d+\n/)
  const refused = await run(['workflow', 'canceled.yaml', '--output', 'out/canceled'])
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('another workflow is writing') })
  running.child.kill('SIGINT')
  const { code, stderr } = await running.ended
  expect(code, stderr).toBe(130)
  const pid = Number(/wait \| (\d+)\n/.exec(stderr)?.[1])
  expect(existsSync(`/proc/${pid}`)).toBe(false)
  expect(stderr).toContain('web is stopped')
  expect(record('out/canceled/002_wait/cmd_01.state')).toMatchObject({ done: false })
  expect(record('out/canceled/workflow.state').outcome).toBe('canceled')
  expect(existsSync(join(directory, 'out/canceled/report.html'))).toBe(true)
})

test('an error that a script throws aside fails the step, or after its end the run', async () => {
  write('workflow-scripts/forgets.mjs', 'export default (context) => void context.run("sleep 60")')
  copy('programs/throws-after-its-end.mjs', 'workflow-scripts/late.mjs')
  copy('programs/throws-in-a-timer.mjs', 'workflow-scripts/timer.mjs')
  const scripts = ['forgets', 'late', 'timer'].map((name) => `{ name: ${name}, uses: ${name} }`)
  const steps = [
    ...scripts.slice(0, 2),
    '{ name: after, run: until test -e out/aside/thrown; do sleep 0.02; done }',
    ...scripts.slice(2),
    '{ name: last, run: "true" }',
  ]
  write('aside.yaml', `steps: [${steps.join(', ')}]`)
  const { code, stderr } = await run(['workflow', 'aside.yaml', '--output', 'out/aside'])
  expect(code, stderr).toBe(1)
  const ends = record('out/aside/workflow.state').steps.map((step: { state: string; error?: string }) => [
    step.state,
    step.error,
  ])
  expect(ends).toEqual([
    ['failed', 'the step forgets ended while "sleep 60" was running: await every command'],
    ['passed', undefined],
    ['passed', undefined],
    ['failed', 'in a timer'],
    ['passed', undefined],
  ])
  expect(stderr).toContain('error: the step late failed after its end: too late; a script must wait for all its work')
  expect(existsSync(join(directory, 'out/aside/report.html'))).toBe(true)
})
