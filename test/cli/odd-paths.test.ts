import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { useCleanState } from '../support/left-nothing.ts'
import { cases } from '../support/repeats.ts'
import { useUserProject } from '../support/user-project.ts'

const { stateDirectory } = useCleanState()
const project = useUserProject('')

/** A project in a directory of this name, which also is the beginning of its temporary directory. */
function oddProject(name: string): { cwd: string; env: NodeJS.ProcessEnv } {
  const cwd = join(project.directory, name)
  const TMPDIR = join(cwd, 'tmp')
  mkdirSync(TMPDIR, { recursive: true, mode: 0o700 })
  writeFileSync(join(cwd, 'package.json'), '{"type":"module"}')
  writeFileSync(join(cwd, 'schema.sql'), 'CREATE TABLE t (a int)')
  project.copy('configs/says-directory.config.mjs', join(name, 'test-services.config.ts'))
  return { cwd, env: { TMPDIR, LP_STATE_DIR: join(stateDirectory, name) } }
}

test.each(cases(['a "b" $HOME `c`\nit\'s; (d) & %41#*'], ['a "b" $HOME `c`', "it's; (d) & %41#*", 'of two\nlines']))(
  'the command works in the directory %j, with state and temporary files there',
  async (name) => {
    const options = oddProject(name)
    const script = 'cat "$LP_APP_LOGFILE" && test -s "$LP_DB_CONFIGFILE" && test -s "$LP_DB_PIDFILE"'
    const ran = await project.run(['exec', '--', 'sh', '-c', script], options)
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(/ postgresql:\/\/.*\n$/) })
    expect(ran.stdout.startsWith(options.cwd)).toBe(true)
    expect(await project.run(['sweep'], options)).toMatchObject({ code: 0, stdout: 'nothing was left behind\n' })
  },
)

test('a directory with a backslash is refused, since Node imports nothing from it', async () => {
  const { code, stderr } = await project.run(['exec', '--', 'true'], oddProject('back\\slash'))
  expect(code).not.toBe(0)
  expect(stderr).toContain(
    'cannot be loaded: Node imports no module from a path with a backslash in it; rename the directory',
  )
})
