import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { caught } from '../support/caught.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { WorkflowGround } from '../support/workflow-ground.ts'

const { stateDirectory } = useCleanState()
const ground = (): WorkflowGround => new WorkflowGround(stateDirectory)

test('a command is on record, with its output in order and its state', async () => {
  const on = ground()
  const { state } = await on.run([{ name: 'build', run: ['echo out; echo err >&2; exit 3'], directory: '/tmp' }])
  expect(state).toMatchObject({ outcome: 'failed', steps: [{ name: 'build', state: 'failed', folder: '001_build' }] })
  expect(on.state).toEqual(JSON.parse(JSON.stringify(state)))
  expect(on.text('001_build/cmd_01.output')).toBe('out\nerr\n')
  expect(on.command('001_build/cmd_01')).toMatchObject({
    command: 'echo out; echo err >&2; exit 3',
    directory: '/tmp',
    exitCode: 3,
    done: true,
  })
  expect(statSync(join(on.output, '001_build/cmd_01.output')).mode & 0o777).toBe(0o600)
})

test('the first command that fails ends its step; later steps run, or not as asked', async () => {
  const steps = [
    { name: 'bad', run: ['false', 'echo never'] },
    { name: 'next', run: ['true'] },
  ]
  const on = ground()
  await on.run(steps)
  expect(on.state.steps.map(({ state }) => state)).toEqual(['failed', 'passed'])
  expect(readdirSync(join(on.output, '001_bad')).sort()).toEqual(['cmd_01.output', 'cmd_01.state'])
  await on.run(steps, { failFast: true })
  expect(on.state.steps.map(({ state }) => state)).toEqual(['failed', 'skipped'])
})

test('an earlier output is moved to the archive; foreign files are refused', async () => {
  const on = ground()
  await on.run([{ name: 'one', run: ['echo first'] }])
  await on.run([{ name: 'one', run: ['echo second'] }])
  const [archived = ''] = readdirSync(join(on.directory, 'archive'))
  expect(existsSync(join(on.directory, 'archive', archived, '001_one/cmd_01.output'))).toBe(true)
  expect(on.text('001_one/cmd_01.output')).toBe('second\n')
  const other = ground()
  mkdirSync(other.output)
  writeFileSync(join(other.output, 'thesis.txt'), 'words')
  const error = await caught(other.run([]))
  expect(error).toMatchObject({ code: 'ERR_RESULTS', message: expect.stringContaining('thesis.txt') })
})
