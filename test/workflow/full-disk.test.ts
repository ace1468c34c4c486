import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { pidsNaming } from '../support/container-engine.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { type Ran, startProcess, useUserProject } from '../support/user-project.ts'
import { machineKinds, useWorkflowMachines } from '../support/workflow-machines.ts'

useCleanState()
const machines = useWorkflowMachines()
const { directory, command, write } = useUserProject('')

/** Mounts a file system of the given size in `full`, runs a command, and copies the content to `kept`. */
const script = `rm -rf kept; mkdir -p full && mount -t tmpfs -o size=$0,mode=700 tmpfs full && "$@"
code=$?; cp -r full kept; exit $code`

/** Runs a workflow whose output directory is on a small file system. */
async function runOnSmallDisk(size: string, steps: readonly object[], options: readonly string[] = []): Promise<Ran> {
  write('small.yaml', stringify({ steps }))
  const inNamespace = ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', script, size]
  const workflow = [process.execPath, command, 'workflow', 'small.yaml', '--output', 'full', ...options]
  return startProcess([...inNamespace, ...workflow], { cwd: directory }).ended
}

const kept = (path: string): string => join(directory, 'kept', path)

test.each(machineKinds)('output of %s that fills the disk is one clear error', async (kind) => {
  const config = write('config.yaml', stringify({ transports: { machine: machines.optionsOf(kind) } }))
  const word = `600.${process.pid}${machineKinds.indexOf(kind)}`
  const run = `setsid sleep ${word} & while :; do echo more and more and more ${word}; done`
  const { code, stderr } = await runOnSmallDisk(
    '128k',
    [
      { name: 'fills', run },
      { name: 'next', run: 'true' },
    ],
    ['-c', config],
  )
  expect(stderr).toMatch(/^error: the disk of the results in .*full.* is full: .*make room there/m)
  expect([stderr.match(/error/g)?.length, code], stderr).toEqual([1, 1])
  expect(statSync(kept('001_fills/cmd_01.output')).size).toBeGreaterThan(10_000)
  expect(parse(readFileSync(kept('workflow.state'), 'utf8'))).toMatchObject({ steps: [{ name: 'fills' }, {}] })
  expect(existsSync(kept('002_next'))).toBe(false)
  expect(pidsNaming(word)).toEqual([])
  expect(await machines.engine.containers()).toEqual([machines.container])
})

test('a disk that is full at the start is one clear error, and nothing runs', async () => {
  const { code, stderr } = await runOnSmallDisk('4k', [{ name: 'one', run: 'echo done' }])
  expect(stderr).toMatch(/^error: the disk of the results in .*full.* is full: .*make room there.*\n$/)
  expect(code).toBe(1)
  expect(existsSync(kept('001_one'))).toBe(false)
})

test('a disk without room for the report is one clear error, without half a page', async () => {
  const { code, stderr } = await runOnSmallDisk('48k', [{ name: 'one', run: 'echo done' }])
  expect(stderr).toMatch(/^error: .*report.html.* full/m)
  expect([stderr.match(/error/g)?.length, code], stderr).toEqual([1, 1])
  expect(stderr).toContain('1 passed')
  expect(readdirSync(join(directory, 'kept')).sort()).toEqual(['001_one', 'workflow.state', 'workflow.yaml'])
  expect(parse(readFileSync(kept('workflow.state'), 'utf8'))).toMatchObject({ outcome: 'passed' })
})
