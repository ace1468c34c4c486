import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject, withoutPlugin } from './project.ts'

const { stateDirectory } = useCleanState()

/** Returns the errors of a failed test, each with the lines beneath it, up to the code. */
function errorsOf(output: string, title: string): string[] {
  const blocks = output.split(/^⎯+\[\d+\/\d+\]⎯$/m)
  const head = ` FAIL  ${title}\n`
  return blocks.flatMap((block) =>
    block.includes(head) ? [block.slice(block.indexOf(head) + head.length).trim()] : [],
  )
}

const firstLine = (error: string): string => error.split('\n')[0] ?? ''

function expectLogs(output: string): void {
  const [own, ...logs] = errorsOf(output, 'logs.test.ts > fails')
  expect(own).toContain('AssertionError: expected 1 to be 2')
  expect(logs.sort()).toEqual([
    expect.stringMatching(/^Evidence: OTHER wrote this during the test; its whole log: .*\/logs\/.*\.log\n {2}two$/),
    expect.stringMatching(/^Evidence: SERVER wrote .*\n {2}one\n {6}at Server\.answer \(\/app\/server\.js:1:1\)$/),
  ])
  expect(errorsOf(output, 'logs.test.ts > fails too')[1]).toMatch(/^Evidence: SERVER wrote .*\n {2}three$/)
  expect(errorsOf(output, 'logs.test.ts > was quiet')).toHaveLength(1)
  expect(output).not.toContain('said before')
}

test('a failed test is followed by what its services wrote (without the plugin)', async () => {
  const project = await createProject('failure')
  const { output } = await project.run(['logs', ...withoutPlugin])
  expect(output).toContain('3 failed | 1 passed')
  expectLogs(output)
  await expectNothingLeft(stateDirectory)
})

describe('a failed test', () => {
  let output: string
  let report: string

  beforeAll(async () => {
    const project = await createProject('failure')
    const reporters = ['--reporter', 'default', '--reporter', 'junit', '--outputFile.junit', 'report.xml']
    // One after the other: all files write to the log of one server.
    output = (await project.run(['--maxWorkers', '1', ...reporters])).output
    report = readFileSync(`${project.directory}/report.xml`, 'utf8')
    await expectNothingLeft(stateDirectory)
  })

  test('is followed by what each service that it used wrote during it, and no other', () => {
    expectLogs(output)
  })

  test('names a log that is there when the run is over, with all that led to the failure', () => {
    const [, evidence = ''] = errorsOf(output, 'flood.test.ts > floods')
    const [, path = ''] = /its whole log: (.*)/.exec(evidence) ?? []
    expect(readFileSync(path, 'utf8')).toMatch(/^starting\n[\s\S]*^said before\n(flood\n){10000}the end\n/m)
    expect(evidence).toContain(`  … 43 KiB before this are left out; they are in ${path}`)
    expect(evidence.length).toBeLessThan(32 * 1024)
    expect(evidence).toMatch(/the end$/)
  })

  test('is followed by the logs of services of useService, and of what they need', () => {
    const [, ...logs] = errorsOf(output, 'use-service.test.ts > fails')
    const written = logs.map((log) => log.replace(/; .*\n/, '\n'))
    expect(written.sort()).toEqual([
      'Evidence: FRONT wrote this during the test\n  in front',
      'Evidence: SERVER wrote this during the test\n  behind',
    ])
  })

  test('is followed by where its leftovers are kept, or why they are not', () => {
    expect(errorsOf(output, 'kept.test.ts > a group > fails')[1]).toBe('Evidence: kept of a group > fails for a day')
    expect(errorsOf(output, 'kept.test.ts > fails unkept')[1]).toBe('Evidence: nothing is kept: there is no room')
    expect(output).not.toMatch(/kept of (passes|is to fail)/)
  })

  test('is followed, for each try, by what was written during that try', () => {
    const errors = errorsOf(output, 'retries.test.ts > fails').map((error) => error.split('\n'))
    expect(errors.map(([first, second]) => (first?.startsWith('Error') ? first : second))).toEqual([
      'Error: own 0',
      '  try 0',
      'Error: own 1',
      '  try 1',
    ])
  })

  test('is tried again by a condition on its own error, after its logs are shown', () => {
    const errors = errorsOf(output, 'retries.test.ts > fails by a condition').map((error) => error.split('\n'))
    expect(errors.map(([first, second]) => (first?.startsWith('Error') ? first : second))).toEqual([
      '  try 0',
      'Error: flaky',
      '  try 1',
      'Error: broken',
    ])
  })

  test('beside others is followed by what was written during all of them', () => {
    const [own, evidence] = errorsOf(output, 'side-by-side.test.ts > fails')
    expect(firstLine(own ?? '')).toBe('Error: own')
    expect(evidence).toMatch(/^Evidence: SERVER .*\n( {2}two\n)? {2}one$/)
  })

  test('has its logs in a report for machines as well', () => {
    expect(report).toMatch(/<failure message="SERVER wrote this [^"]*\n {2}three" type="Evidence">/)
  })
})
