import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { machineImage, TestEngine } from '../support/container-engine.ts'
import { blocksOf, filesOf } from '../support/documents.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { isExhaustive } from '../support/repeats.ts'
import { startSshServer } from '../support/ssh-server.ts'
import { useUserProject } from '../support/user-project.ts'

useCleanState()
const { write, directory, run } = useUserProject('')
for (const [name, content] of filesOf(blocksOf('docs/workflow.md', 'yaml'))) write(name, content)
const work = mkdtempSync(join(directory, 'work-'))
const repository = makeRepository()

/** Makes a repository with a program that `make` builds. */
function makeRepository(): string {
  const path = mkdtempSync(join(directory, 'repository-'))
  const program =
    '#!/bin/sh\nfor i in $(seq "$2"); do echo "incr runs"; done | redis-cli -u "$LP_REDIS_URL" | tail -1\n'
  write(`${basename(path)}/bench.sh`, program)
  write(`${basename(path)}/Makefile`, 'bench: bench.sh\n\tinstall -m 755 bench.sh bench\n')
  const git = (...argv: string[]): unknown => execFileSync('git', ['-C', path, ...argv])
  git('init', '--quiet', '--initial-branch', 'main')
  git('add', '--all')
  git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '--message', 'begin')
  return path
}

/** Runs the workflow of the page with its config and a second one; expects that both clients used one Redis. */
async function runsOn(config: string, environment: NodeJS.ProcessEnv = {}): Promise<void> {
  const env = { ...environment, TEST_SERVICES_SOURCE: repository, TEST_SERVICES_WORK: work }
  const { code, stderr } = await run(['workflow', '-c', 'workflow.config.yaml', '-c', config], { env })
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('7 passed') })
  const logs = join(directory, 'workflow-output/007_logs/artifacts')
  expect(existsSync(join(directory, 'workflow-output/report.html'))).toBe(true)
  expect(['client1', 'client2'].map((client) => existsSync(join(logs, client, 'bench.log')))).toEqual([true, true])
  expect(readFileSync(join(logs, 'client2/bench.log'), 'utf8').trim()).toBe('200')
}

test('the example of docs/workflow.md runs on this machine by a second config', async () => {
  await runsOn('here.config.yaml')
})

test.runIf(isExhaustive)('the example of docs/workflow.md runs over ssh', async () => {
  await using server = await startSshServer()
  await runsOn(configOf({ type: 'ssh', ...server.options }))
})

test.runIf(isExhaustive)('the example of docs/workflow.md runs in containers', async () => {
  await using engine = new TestEngine()
  await engine.start()
  const image = 'localhost/bench:1'
  const names = ['git', 'git-upload-pack', 'install', 'make', 'redis-cli', 'seq', 'tail', 'test']
  const programs = [...machineImage.programs, ...names.map((name) => `/usr/bin/${name}`)]
  engine.makeImage(image, { ...machineImage, programs, files: [repository] })
  await runsOn(configOf({ type: 'container', image }), { DOCKER_HOST: engine.url })
  expect(await engine.containers()).toEqual([])
})

/** Writes a config that moves all machines of the page. Returns its path. */
function configOf(machine: object): string {
  return write(
    'moved.config.yaml',
    JSON.stringify({ transports: { builder: machine, client1: machine, client2: machine } }),
  )
}
