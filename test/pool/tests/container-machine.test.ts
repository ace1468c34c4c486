import { afterEach, expect, test } from 'vitest'
import { runControlled } from '../../../src/pool/tests/controlled-run.ts'
import { containerMachines } from '../../../src/pool.ts'
import { machineImage, useTestEngine } from '../../support/container-engine.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { RecordedAttempt } from '../../support/recorded-attempt.ts'

useCleanState()
const image = 'localhost/machine:1'
const engine = useTestEngine({ [image]: machineImage })

afterEach(async () => {
  expect(await engine.containers()).toEqual([])
})

test('a test in a container reports results and services, and is begun again', async () => {
  await using provisioner = containerMachines({ image, slots: 1 })
  const machine = await provisioner.reserve()
  using attempt = new RecordedAttempt(machine)
  const json = '{"status":"pass","name":"part","files":[{"name":"log","length":3}]}'
  const start = { service: 'db', begin: '2026-01-31T12:00:00.000Z', readyMs: 7, isTenant: true }
  const script = `echo begun $TEST_SERVICES_RESTARTS
    [ $TEST_SERVICES_RESTARTS = 0 ] && { echo disconnect >&3; echo noop >&3; exit 1; }
    printf 'result ${json.length}\\n%slog' '${json}' >&3
    printf 'service ${JSON.stringify(start).length}\\n%s' '${JSON.stringify(start)}' >&3
    echo exitcode 0 >&3
    exit 3`
  const end = await runControlled(attempt, ['sh', '-c', script], { test: 'the test' })
  expect(end).toEqual({ exitCode: 0, passed: true, restarts: 1 })
  expect(attempt.results).toEqual([
    { status: 'pass', name: 'part', files: ['log'] },
    { status: 'pass', testout: 'output.txt' },
  ])
  expect(attempt).toMatchObject({ files: { 'part/log': 'log' }, text: 'begun 0\nbegun 1\n', services: [start] })
})
