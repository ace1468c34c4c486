import { expect, test } from 'vitest'
import { describeEvent, isStep } from '../../../src/cli/terminal/event-text.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { useUserProject } from '../../support/user-project.ts'

useCleanState()

const { run } = useUserProject('says-progress')

test('progress is shown with its service', () => {
  const event = { kind: 'progress', service: 'db', percent: 40, message: 'seeding' } as const
  expect(describeEvent(event, undefined, '…')).toBe('… db is starting, 40 %: seeding')
  expect(describeEvent({ kind: 'progress', service: 'db', message: 'seeding' }, undefined, '…')).toBe(
    '… db is starting: seeding',
  )
  expect(isStep({ kind: 'session', state: 'ready' })).toBe(false)
})

test('a script shows its progress while it starts, its secret only to the shell', async () => {
  const started = await run(['--daemonise', '--verbose', '--format', 'json'])
  expect(JSON.parse(started.stdout)).toMatchObject({ LP_DB_KEY: 'sesame', KEY: 'sesame', URL: 'http://h/?k=sesame' })
  expect(started.stderr).toContain('db is starting, 40 %: seeding')
  const [status, json, logs] = [await run(['status']), await run(['status', '--json']), await run(['logs', 'db'])]
  expect(status.stdout).toContain('http://h/?k=********')
  expect(logs.stdout).toContain('openjd_redacted_env: KEY=********')
  expect(started.stderr + status.stdout + json.stdout + logs.stdout).not.toContain('sesame')
  expect(await run(['stop'])).toMatchObject({ code: 0 })
})
