import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { expectNothingLeft, processesOf, useCleanState } from '../support/left-nothing.ts'
import { startProcess, useUserProject } from '../support/user-project.ts'

const { stateDirectory } = useCleanState()
const project = useUserProject('')
const limitMs = 120_000
const program = project.copy('programs/holds-a-stopped-node.mjs')

test.each([
  ['etcd-cluster', 'etcdCluster'],
  ['rabbitmq-cluster', 'rabbitmqCluster'],
  ['redis-cluster', 'redisCluster'],
  ['redis-sentinel', 'redisSentinel'],
])('%s with a stopped node leaves nothing when its holder is killed', { timeout: limitMs }, async (fixture, name) => {
  const LP_STATE_DIR = join(stateDirectory, fixture)
  mkdirSync(LP_STATE_DIR, { mode: 0o700 })
  const held = startProcess([process.execPath, program, fixture, name, `${limitMs}`], {
    cwd: project.directory,
    env: { LP_STATE_DIR },
  })
  await held.said('one node is stopped')
  expect(processesOf(LP_STATE_DIR).length).toBeGreaterThan(1)
  held.child.kill('SIGKILL')
  await held.ended
  await expectNothingLeft(LP_STATE_DIR)
})
