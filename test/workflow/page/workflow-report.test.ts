import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeWorkflowReport } from '../../../src/workflow/page/write-workflow-report.ts'
import { useExampleWorkflow } from './example-workflow.ts'

describe('the report of a workflow', () => {
  test('tells of a killed run what its records tell', async () => {
    const directory = useExampleWorkflow([{ name: 'build', state: 'running' }], { outcome: 'running', end: undefined })
    const { headline } = await writeWorkflowReport(directory)
    expect(headline).toBe('workflow.yaml did not come to its end')
  })

  test('names a record that cannot be read', async () => {
    const directory = useExampleWorkflow()
    writeFileSync(join(directory, '001_build', 'cmd_01.state'), 'command: [')
    const { page } = await writeWorkflowReport(directory)
    expect(readFileSync(page, 'utf8')).toContain('001_build/cmd_01.state: ')
    expect(statSync(page).mode & 0o777).toBe(0o600)
  })

  test('leaves out times that are damaged', async () => {
    const directory = useExampleWorkflow(undefined, { begin: 'yesterd' })
    const { page } = await writeWorkflowReport(directory)
    expect(readFileSync(page, 'utf8')).toMatch(/"begin":"","end":"2026/)
    expect(readFileSync(page, 'utf8')).not.toContain('"elapsedMs"')
  })

  test('takes a foreign run.json for an artifact, and names damaged results', async () => {
    const steps = [
      { name: 'one', artifacts: { 'run.json': '{}' } },
      { name: 'two', artifacts: { 'run.json': '{"format":1,"id":"x"}' } },
    ]
    const { page } = await writeWorkflowReport(useExampleWorkflow(steps))
    const text = readFileSync(page, 'utf8')
    expect(text).toContain('"001_one/artifacts/run.json"')
    expect(text).toMatch(/"problems":\["[^"]*002_two/)
  })

  test('refuses a directory without a workflow', async () => {
    await expect(writeWorkflowReport(import.meta.dirname)).rejects.toMatchObject({
      code: 'ERR_RESULTS',
      message: expect.stringContaining('has no readable workflow.state'),
    })
  })
})
