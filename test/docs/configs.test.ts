import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { blocksOf, documents } from '../support/documents.ts'
import { useUserProject } from '../support/user-project.ts'

const project = useUserProject('')
const isConfig = /^test-services\.config\.\w+$/

test('config files that documents show can be loaded', () => {
  const files = documents.flatMap((document) =>
    blocksOf(document).flatMap(({ file = '', code }, index) =>
      isConfig.test(file) ? [project.write(`${document}-${index}/${file}`, code)] : [],
    ),
  )
  expect(files.length).toBeGreaterThan(4)
  const program = files.map((file) => `await import(${JSON.stringify(file)})`).join('\n')
  const argv = ['--import', 'tsx', '--input-type=module', '--eval', `${program}\nconsole.log('loaded')`]
  expect(execFileSync(process.execPath, argv, { cwd: project.directory, encoding: 'utf8' })).toBe('loaded\n')
})
