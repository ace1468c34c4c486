import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { useUserProject } from '../../support/user-project.ts'

const { directory, run, write, copy } = useUserProject('')
write('input/word.txt', 'quince\n')
copy('vitest/projects/copied-files', 'suites')
write(
  'suites/files.yaml',
  `steps:
  - name: there
    uses: put
    with: { from: ../input, to: copied }
  - name: look
    uses: run
    with:
      directory: copied
      commands: ['cat word.txt', [printf, '%s|', "it's", '$HOME'], 'test "$A" = 1', 'exit 3', 'echo never']
      environment: { A: 1 }
  - name: count
    uses: count
  - name: back
    uses: get
    with: { from: copied/word.txt }
  - name: report
    uses: report
  - name: later
    run: pwd
`,
)

test('scripts copy files, run commands and write the report', async () => {
  const { code, stderr } = await run(['workflow', 'suites/files.yaml'])
  const text = (path: string): string => readFileSync(join(directory, 'workflow-output', path), 'utf8')
  expect([code, stderr]).toEqual([1, expect.stringContaining('"exit 3" ended with exit code 3')])
  expect(text('002_look/cmd_01.output')).toBe('quince\n')
  expect(text('002_look/cmd_02.output')).toBe("it's|$HOME|")
  expect(existsSync(join(directory, 'workflow-output/002_look/cmd_05.state'))).toBe(false)
  expect(text('003_count/step.log')).toContain('1 copied/word.txt')
  expect(text('004_back/artifacts/word.txt')).toBe('quince\n')
  expect(existsSync(join(directory, 'suites/copied/word.txt'))).toBe(true)
  expect(text('006_later/cmd_01.output')).toBe(`${join(directory, 'suites')}\n`)
  expect(text('005_report/step.log')).toContain('workflow-output/report.html')
})
