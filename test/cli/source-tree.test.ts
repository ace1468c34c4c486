import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { useCleanState } from '../support/left-nothing.ts'
import { cases } from '../support/repeats.ts'
import { startProcess, useUserProject, variablesOf } from '../support/user-project.ts'

useCleanState()
const source = fileURLToPath(new URL('../..', import.meta.url))
const project = useUserProject('')

const modules = ['a project of modules', '{"type":"module"}'] as const
const commonJs = ['a project of CommonJS', '{}'] as const

for (const [kind, manifest] of cases<typeof modules | typeof commonJs>([commonJs], [modules])) {
  test(`the source tree's command works in ${kind} with a config in TypeScript`, async () => {
    project.write('package.json', manifest)
    project.write(
      'test-services.config.ts',
      `import { command, defineConfig } from '${source}src/index.ts'
       const argv: [string, ...string[]] = ['perl', 'server.pl']
       export default defineConfig({ services: { web: command({ command: argv }) } })`,
    )
    const run = (...argv: string[]) =>
      startProcess([`${source}bin/test-services`, ...argv], { cwd: project.directory }).ended
    expect(await run('exec', '--', 'sh', '-c', 'exit 4')).toMatchObject({ code: 4 })
    const started = await run('--daemonise', '--format', 'json')
    expect(started.code, started.stderr).toBe(0)
    expect(variablesOf(started).LP_WEB_URL).toMatch(/^http:/)
    expect((await run('stop')).code).toBe(0)
  })

  test(`the installed command works in ${kind} with a config in TypeScript`, async () => {
    project.write('package.json', manifest)
    project.write(
      'test-services.config.ts',
      `import { command, defineConfig } from 'test-services'
       const argv: [string, ...string[]] = ['perl', 'server.pl']
       export default defineConfig({ services: { web: command({ command: argv }) } })`,
    )
    expect(await project.run(['exec', '--', 'sh', '-c', 'exit 4'])).toMatchObject({ code: 4 })
  })
}
