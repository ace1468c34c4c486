import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { describeHealth } from '../../src/cli/terminal/event-text.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { useUserProject, variablesOf } from '../support/user-project.ts'

useCleanState()

const { run, start } = useUserProject('restarts-once')

async function pid(): Promise<number> {
  const { services } = JSON.parse((await run(['status', '--json'])).stdout) as { services: { pid: number }[] }
  return services[0]?.pid ?? -1
}

test('the foreground command starts a script again as its policy allows, and says so', async () => {
  const held = start([])
  await held.said('everything is ready')
  const first = await pid()
  process.kill(first, 'SIGKILL')
  await held.said(
    /API died: its onRun ended \(failed, signal SIGKILL\)[\s\S]*at work[\s\S]*api is started again \(1 of 1\)/,
  )
  await held.said('api is ready again')
  const second = await pid()
  expect(second).not.toBe(first)
  process.kill(second, 'SIGKILL')
  await held.said(/started again[\s\S]*API died/)
  held.child.kill('SIGTERM')
  expect((await held.ended).stderr.match(/API died/g)).toHaveLength(2)
})

test('the helper, which tests attach to, starts nothing again', async () => {
  const { LP_API_PIDFILE = '' } = variablesOf(await run(['--daemonise', '--format', 'json']))
  process.kill(Number(readFileSync(LP_API_PIDFILE, 'utf8')), 'SIGKILL')
  expect((await run(['status'])).stdout).toContain('API died: its onRun ended')
  await run(['stop'])
})

test('a state that another event tells of is not told twice', () => {
  for (const state of ['UNHEALTHY', 'FAILED'] as const)
    expect(describeHealth({ kind: 'health', service: 'api', state, reason: 'it is ill' })).toBeUndefined()
})
